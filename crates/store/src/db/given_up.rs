//! Connections that were given up: PostgreSQL ends their processes, and until it has, they count.
//!
//! Closing a connection does not end what its process waits for. PostgreSQL looks after a client that is gone while a statement
//! runs (`client_connection_check_interval`), but not while a commit waits for a synchronous standby: while that is away, each
//! writer that gives up and tries again would leave another process behind, beyond all bounds of the pool. So the processes are
//! ended, and a connection keeps its place in the pool until its process is gone.
//!
//! A commit that is ended while it waits is done on this machine and perhaps on no other. Nobody was told that it is; whoever tries
//! again finds it done, and must not say so before a commit of its own has been confirmed (see `Tx::hold_attempts`).

use super::backend::{Backend, Backends, since};
use super::lent::{Lender, in_time};
use crate::error::{Error, Result};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool, Postgres};
use sqlx::query_as;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// How many may wait to be ended; of more, the oldest end when their server notices.
const MOST: usize = 256;
/// How long a connection keeps its place while it is not known whether its process is gone, as when the network is cut: whoever needs
/// the place waits for it. After that there may be one too many until PostgreSQL can be reached again.
const KEEPS_ITS_PLACE: Duration = Duration::from_secs(2);
/// How long PostgreSQL is waited for. Longer, places would not be free in time.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);
/// The pause before it is asked again, doubled each time up to the longest.
const PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Ends those of some backends that are there, and says which. By their start as well: the id of one that has ended may be
/// another's by now.
const END: &str = concat!(
    "SELECT a.pid, ",
    since!(),
    ", pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN UNNEST($1::integer[], $2::bigint[]) AS g (pid, since) \
     ON a.pid = g.pid AND ",
    since!(),
    " = g.since"
);

/// A connection on its way out.
#[derive(Debug)]
struct Leaving {
    backend: Backend,
    since: Instant,
    /// Its place in the pool, which it leaves when this is dropped.
    place: Option<PoolConnection<Postgres>>,
}

/// Takes connections that were given up.
#[derive(Debug, Clone)]
pub(super) struct GivenUp {
    backends: Backends,
    leaving: mpsc::Sender<Leaving>,
}

/// Those that were taken.
#[derive(Debug)]
pub(super) struct Taken(mpsc::Receiver<Leaving>);

impl GivenUp {
    pub(super) fn new(backends: Backends) -> (Self, Taken) {
        let (leaving, taken) = mpsc::channel(MOST);
        (Self { backends, leaving }, Taken(taken))
    }

    /// Which backend a connection has, in case it is given up.
    pub(super) async fn backend(
        &self,
        connection: &mut PgConnection,
    ) -> std::result::Result<Option<Backend>, sqlx::Error> {
        self.backends.find(connection).await
    }

    /// Has a backend ended. Its connection is closed, at once unless it is to keep its place.
    pub(super) fn end(&self, backend: Backend, mut connection: PoolConnection<Postgres>, keeps_its_place: bool) {
        connection.close_on_drop();
        let place = keeps_its_place.then_some(connection);
        // Fails when too many wait, or nobody ends any since the store is closed: then it is closed now.
        if let Err(error) = self.leaving.try_send(Leaving { backend, since: Instant::now(), place }) {
            tracing::debug!(%error, "a process of PostgreSQL is left to itself");
        }
    }
}

/// Ends what was given up, until the pool is closed. Without any it waits, and asks for nothing.
pub(super) async fn end_all(taken: Taken, lender: Lender, pool: PgPool) {
    // An error means that the pool has been closed.
    let _ = pool.close_event().do_until(again_and_again(taken.0, &lender)).await;
    lender.pool.close().await;
}

async fn again_and_again(mut taken: mpsc::Receiver<Leaving>, lender: &Lender) {
    let mut is_refused = false;
    while let Some(first) = taken.recv().await {
        let mut leaving = vec![first];
        let mut pause = PAUSE;
        loop {
            leaving.extend(std::iter::from_fn(|| taken.try_recv().ok()));
            let asked = leaving.iter().map(|leaving| leaving.backend).collect::<Vec<_>>();
            match timeout(PATIENCE, end(lender, &asked)).await {
                Ok(Ok(there)) => leaving.retain(|leaving| there.contains(&leaving.backend)),
                Ok(Err(Error::Database(error))) if error.as_database_error().is_some() => {
                    // Once: it will be the same each time.
                    if !std::mem::replace(&mut is_refused, true) {
                        tracing::warn!(%error, "PostgreSQL does not end processes that were given up; they end by themselves");
                    }
                    leaving.clear();
                }
                // They end with their server, or when it notices that we are gone; but it may only be out of reach for a while.
                Ok(Err(error)) => tracing::debug!(%error, "processes that were given up cannot be ended yet"),
                Err(_) => tracing::debug!("processes that were given up cannot be ended yet: no answer"),
            }
            leaving
                .iter_mut()
                .filter(|one| one.since.elapsed() > KEEPS_ITS_PLACE)
                .for_each(|one| drop(one.place.take()));
            leaving.drain(..leaving.len().saturating_sub(MOST));
            if leaving.is_empty() {
                break;
            }
            match timeout(pause, taken.recv()).await {
                Ok(Some(another)) => {
                    leaving.push(another);
                    pause = PAUSE;
                }
                Ok(None) => return,
                Err(_) => pause = (pause * 2).min(LONGEST_PAUSE),
            }
        }
    }
}

/// Ends backends; those that were still there.
async fn end(lender: &Lender, backends: &[Backend]) -> Result<Vec<Backend>> {
    let mut lent = lender.lend().await?;
    let ids: Vec<i32> = backends.iter().map(|backend| backend.id).collect();
    let starts: Vec<i64> = backends.iter().map(|backend| backend.since).collect();
    let asked = async { query_as(END).bind(ids).bind(starts).fetch_all(lent.lend()).await };
    let asked: std::result::Result<Vec<(i32, i64, bool)>, _> = in_time(PATIENCE, asked).await;
    let there = lent.settle(asked)?;
    Ok(there.into_iter().map(|(id, since, _)| Backend { id, since }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
    use sqlx::raw_sql;
    use std::str::FromStr as _;
    use std::sync::Arc;

    fn postgres(name: &str) -> PgConnectOptions {
        PgConnectOptions::from_str(&testkit::postgres_url()).expect("an address").application_name(name)
    }

    /// A pool of one connection, whose statements nobody ends but the other one.
    async fn one(ends: PgConnectOptions) -> (Lender, Lender, Taken) {
        let backends = Backends::of(1);
        let (given_up, taken) = GivenUp::new(backends.clone());
        let pool = PgPoolOptions::new().max_connections(1).test_before_acquire(false);
        let ends = pool.clone().acquire_timeout(PATIENCE).connect_lazy_with(ends);
        let pool = pool.after_connect(move |connection, _| {
            let backends = backends.clone();
            Box::pin(async move { backends.learn(connection).await })
        });
        let pool = pool.connect_with(postgres("given up")).await.expect("there is a PostgreSQL");
        let waiting = Arc::default();
        let lender = Lender { pool, patience: Duration::from_secs(60), given_up: Some(given_up), waiting };
        (lender, Lender { pool: ends, patience: PATIENCE, given_up: None, waiting: Arc::default() }, taken)
    }

    /// Gives a connection up in the middle of a statement that would take very long.
    async fn give_up(lender: &Lender) -> Backend {
        let mut lent = lender.lend().await.expect("there is a connection");
        let backend = lent.backend().expect("it is known");
        let long = raw_sql("SELECT pg_sleep(600)").execute(lent.lend());
        timeout(Duration::from_millis(100), long).await.expect_err("it takes very long");
        backend
    }

    /// Whether it is there, as its own successor is told.
    async fn is_there(lender: &Lender, backend: Backend) -> bool {
        let mut lent = lender.lend().await.expect("there is a connection");
        let asked = concat!("SELECT pid FROM pg_stat_activity WHERE pid = $1 AND ", since!(), " = $2");
        let asked = query_as(asked).bind(backend.id).bind(backend.since).fetch_all(lent.lend()).await;
        let there: Vec<(i32,)> = lent.settle(asked).expect("it answers");
        !there.is_empty()
    }

    #[tokio::test]
    async fn what_was_given_up_is_ended_before_another_has_its_place_and_then_nothing_is_asked_any_more() {
        let name = format!("ends {}", std::process::id());
        let (lender, ends, taken) = one(postgres(&name)).await;
        let ending = tokio::spawn(end_all(taken, ends.clone(), lender.pool.clone()));
        assert_eq!(ends.pool.size(), 0, "nothing is asked before");
        for _ in 0..3 {
            let backend = give_up(&lender).await;
            let next = timeout(KEEPS_ITS_PLACE, is_there(&lender, backend));
            assert!(!next.await.expect("its place is free soon"));
        }
        let mut lent = lender.lend().await.unwrap();
        // At rest: longer than the longest pause, by the database's clock.
        let asked = "SELECT CAST(query_start AS TEXT) FROM pg_stat_activity WHERE application_name = $1";
        let mut last = Vec::new();
        for seconds in ["0", "1.5"] {
            let passed = format!("SELECT pg_sleep({seconds})");
            let passed = raw_sql(sqlx::AssertSqlSafe(passed)).execute(lent.lend()).await;
            lent.settle(passed).unwrap();
            let asked = query_as(asked).bind(&name).fetch_all(lent.lend()).await;
            let started: Vec<(String,)> = lent.settle(asked).unwrap();
            last.push(started);
        }
        assert_eq!(last[0].len(), 1);
        assert_eq!(last[0], last[1]);
        drop(lent);
        lender.pool.close().await;
        timeout(PATIENCE, ending).await.expect("it ends with the pool").unwrap();
    }

    #[tokio::test]
    async fn another_process_with_the_same_id_is_not_ended() {
        let (lender, ends, _taken) = one(postgres("ends")).await;
        let mut lent = lender.lend().await.unwrap();
        let backend = lent.backend().expect("it is known");
        let another = Backend { since: backend.since - 1, ..backend };
        assert_eq!(end(&ends, &[another]).await.unwrap(), []);
        lent.command("SELECT 1").await.expect("it is alive");
        assert_eq!(end(&ends, &[another, backend]).await.unwrap(), [backend]);
        lent.command("SELECT 1").await.expect_err("it is ended");
    }

    #[tokio::test]
    async fn a_place_becomes_free_though_postgresql_is_out_of_reach() {
        // No PostgreSQL listens there.
        let (lender, ends, taken) = one(postgres("ends").port(1)).await;
        let ending = tokio::spawn(end_all(taken, ends, lender.pool.clone()));
        let backend = give_up(&lender).await;
        let mut next = timeout(KEEPS_ITS_PLACE * 3, lender.lend()).await.expect("its place is free").unwrap();
        // Nobody else does.
        let ended = query_as("SELECT pg_terminate_backend($1)").bind(backend.id).fetch_all(next.lend()).await;
        let _: Vec<(bool,)> = next.settle(ended).unwrap();
        drop(next);
        lender.pool.close().await;
        timeout(PATIENCE * 2, ending).await.expect("it ends with the pool").unwrap();
    }

    #[tokio::test]
    async fn a_connection_that_nobody_ends_is_closed_all_the_same() {
        let (lender, _, taken) = one(postgres("ends")).await;
        drop(taken);
        let backend = give_up(&lender).await;
        let mut next = timeout(KEEPS_ITS_PLACE, lender.lend()).await.expect("its place is free").unwrap();
        let ended = query_as("SELECT pg_terminate_backend($1)").bind(backend.id).fetch_all(next.lend()).await;
        let _: Vec<(bool,)> = next.settle(ended).unwrap();
    }
}
