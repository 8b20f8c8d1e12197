//! Which of PostgreSQL's processes serves a connection.

use sqlx::postgres::{PgConnection, PgStatement};
use sqlx::{Connection as _, Executor as _, SqlStr, Statement as _, query_as};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A process of PostgreSQL: its id, and when it began to serve its connection, in microseconds. Ids come again, this pair does not.
///
/// It serves its connection from the first to the last. So does what a pooler in front of PostgreSQL gives in session mode; none of
/// its other modes can be used, since a connection's settings would be somebody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Backend {
    pub(super) id: i32,
    pub(super) since: i64,
}

/// How the start of a process is compared: not as text, which settings of the session change.
macro_rules! since {
    () => {
        "CAST(EXTRACT(EPOCH FROM backend_start) * 1000000 AS BIGINT)"
    };
}
pub(super) use since;

/// Expressions only: the driver would look up where a column comes from.
const WHICH: &str =
    concat!("SELECT pg_backend_pid(), ", since!(), " FROM pg_stat_activity WHERE pid = pg_backend_pid()");

/// By the place of a connection's statement, which no other takes as long as it is here; None where PostgreSQL does not tell.
type Known = HashMap<usize, (PgStatement, Option<Backend>)>;

/// The backends of connections, each asked once.
///
/// The driver keeps the id of the process for itself, and lends connections without saying which. What tells them apart is where
/// each keeps its prepared statements: [`WHICH`] is one of every connection, and found there without a word to the server.
#[derive(Debug, Clone)]
pub(super) struct Backends {
    known: Arc<Mutex<Known>>,
    most: usize,
}

impl Backends {
    /// Those of so many connections. Nobody says when one is closed: when too many are known, all are forgotten and asked again.
    pub(super) fn of(connections: u32) -> Self {
        let most = usize::try_from(connections).unwrap_or(usize::MAX).saturating_mul(4);
        Self { known: Arc::default(), most }
    }

    /// Asks a new connection.
    pub(super) async fn learn(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        connection.prepare(SqlStr::from_static(WHICH)).await?;
        self.find(connection).await.map(drop)
    }

    /// The backend of a connection, where it can be known.
    pub(super) async fn find(&self, connection: &mut PgConnection) -> Result<Option<Backend>, sqlx::Error> {
        // An address may say that no statements are kept (`statement-cache-capacity=0`): then nothing tells connections apart.
        if connection.cached_statements_size() == 0 {
            return Ok(None);
        }
        let statement = connection.prepare(SqlStr::from_static(WHICH)).await?;
        let place = statement.columns().as_ptr().addr();
        if let Some((_, backend)) = self.known().get(&place) {
            return Ok(*backend);
        }
        let backend = match query_as(WHICH).fetch_optional(connection).await {
            Ok(row) => row.map(|(id, since)| Backend { id, since }),
            Err(error @ sqlx::Error::Database(_)) => {
                tracing::debug!(%error, "PostgreSQL does not tell which of its processes serves a connection");
                None
            }
            Err(error) => return Err(error),
        };
        let mut known = self.known();
        if known.len() >= self.most {
            known.clear();
        }
        known.insert(place, (statement, backend));
        Ok(backend)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
    use std::str::FromStr as _;

    async fn pool(connect: PgConnectOptions, backends: &Backends) -> PgPool {
        let backends = backends.clone();
        let pool = PgPoolOptions::new().max_connections(3).after_connect(move |connection, _| {
            let backends = backends.clone();
            Box::pin(async move { backends.learn(connection).await })
        });
        pool.connect_with(connect).await.expect("there is a PostgreSQL")
    }

    fn postgres() -> PgConnectOptions {
        PgConnectOptions::from_str(&testkit::postgres_url()).expect("an address")
    }

    async fn id(connection: &mut PgConnection) -> i32 {
        let (id,): (i32,) = query_as("SELECT pg_backend_pid()").fetch_one(connection).await.expect("it answers");
        id
    }

    #[tokio::test]
    async fn connections_are_told_apart_however_often_they_are_lent() {
        let backends = Backends::of(3);
        let pool = pool(postgres(), &backends).await;
        for _ in 0..3 {
            let mut lent = Vec::new();
            for _ in 0..3 {
                lent.push(pool.acquire().await.expect("there is room"));
            }
            // More statements than a connection keeps, so that some are forgotten.
            for number in 0..150 {
                let text = sqlx::AssertSqlSafe(format!("SELECT {number}"));
                sqlx::query(text).execute(&mut *lent[0]).await.expect("it answers");
            }
            for connection in &mut lent {
                let backend = backends.find(connection).await.expect("it answers").expect("it is known");
                assert_eq!(backend.id, id(connection).await);
            }
        }
        pool.close().await;
    }

    #[tokio::test]
    async fn no_connection_is_asked_again_nor_more_of_them_known_than_there_may_be() {
        let backends = Backends::of(1);
        let pool = pool(postgres(), &backends).await;
        let mut connection = pool.acquire().await.expect("there is room");
        backends.find(&mut connection).await.expect("it answers");
        assert_eq!(connection.cached_statements_size(), 1);
        for _ in 0..10 {
            assert!(pool.acquire().await.expect("there is room").close().await.is_ok());
            assert!(backends.known().len() <= 4);
        }
        assert!(backends.find(&mut connection).await.expect("it answers").is_some(), "asked again if need be");
        drop(connection);
        pool.close().await;
    }

    #[tokio::test]
    async fn a_connection_that_keeps_no_statements_has_no_backend_known() {
        let backends = Backends::of(3);
        let pool = pool(postgres().statement_cache_capacity(0), &backends).await;
        let mut connection = pool.acquire().await.expect("there is room");
        assert_eq!(backends.find(&mut connection).await.expect("it answers"), None);
        drop(connection);
        pool.close().await;
    }
}
