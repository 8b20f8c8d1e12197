//! The upkeep of pools: connections that nobody needs any more are closed, since a crowd leaves as many behind as it has used at
//! once.

use crate::figures::Connections;
use sqlx::pool::PoolOptions;
use sqlx::postgres::PgPool;
use sqlx::{Database, Pool};
use std::time::Duration;
use tokio::time::interval;

/// How often the pool is looked at.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(30);
/// How often a pool is looked at that is being left.
pub(super) const RELEASE_EVERY: Duration = Duration::from_millis(250);
/// A connection is not needed when so many looks in a row have found as many idle.
const LOOKS: usize = 20;

/// A pool without the driver's own upkeep: in sqlx 0.9.0 its count of idle connections may wrap around when one is lent in the moment
/// in which it is given back, and the upkeep then occupies a processor for ever (sqlx#3645).
pub(super) fn by_us<D: Database>(pool: PoolOptions<D>) -> PoolOptions<D> {
    pool.idle_timeout(None).max_lifetime(None)
}

impl Connections {
    /// What the connections of a pool do. How many are idle is the driver's guess, which can be far too high for a moment.
    pub(super) fn of<D: Database>(pool: &Pool<D>) -> Self {
        let open = pool.size();
        let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX).min(open);
        let (least, most) = (pool.options().get_min_connections(), pool.options().get_max_connections());
        Self { idle, in_use: open - idle, waiting: 0, least, most }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            idle: self.idle + other.idle,
            in_use: self.in_use + other.in_use,
            waiting: self.waiting + other.waiting,
            least: self.least + other.least,
            most: self.most + other.most,
        }
    }
}

/// Closes what is not needed, but `least`, until the pool is closed.
pub(super) async fn close_unneeded(pool: PgPool, least: u32, every: Duration) {
    // An error means that the pool has been closed.
    let _ = pool.close_event().do_until(look_again_and_again(&pool, least, every)).await;
}

/// Closes whatever is idle, until the pool is closed.
pub(super) async fn release_idle(pool: PgPool, every: Duration) {
    let mut tick = interval(every);
    while !pool.is_closed() {
        close_idle(&pool, u32::MAX).await;
        tick.tick().await;
    }
}

async fn close_idle(pool: &PgPool, most: u32) {
    for _ in 0..most {
        let Some(connection) = pool.try_acquire() else { return };
        if let Err(error) = connection.close().await {
            tracing::debug!(%error, "a connection that is not needed was not closed in order");
        }
    }
}

async fn look_again_and_again(pool: &PgPool, least: u32, every: Duration) {
    let mut tick = interval(every);
    loop {
        let mut unneeded = u32::MAX;
        for _ in 0..LOOKS {
            tick.tick().await;
            // The number of idle ones is the driver's guess, which can be far too high for a moment.
            let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
            unneeded = unneeded.min(idle).min(pool.size().saturating_sub(least));
        }
        close_idle(pool, unneeded).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::Postgres;
    use sqlx::pool::PoolConnection;
    use sqlx::postgres::PgPoolOptions;

    /// A pool of eight connections, all of which somebody has.
    async fn all_lent() -> (PgPool, Vec<PoolConnection<Postgres>>) {
        let pool = by_us(PgPoolOptions::new()).max_connections(8).connect(&testkit::postgres_url()).await;
        let pool = pool.expect("there is a PostgreSQL");
        let mut lent = Vec::new();
        for _ in 0..8 {
            lent.push(pool.acquire().await.expect("there is room"));
        }
        (pool, lent)
    }

    #[tokio::test]
    async fn what_a_crowd_has_left_behind_is_closed_and_what_is_in_use_stays() {
        let (pool, mut lent) = all_lent().await;
        let in_use = lent.split_off(7);
        drop(lent);
        let every = Duration::from_millis(1);
        let done = async {
            let mut look = interval(every);
            while pool.size() > 3 {
                look.tick().await;
            }
        };
        tokio::select! {
            () = close_unneeded(pool.clone(), 3, every) => panic!("the pool is open"),
            () = done => {}
        }
        assert_eq!(pool.size(), 3);
        drop(in_use);
        pool.close().await;
        // It ends with the pool.
        close_unneeded(pool, 0, every).await;
    }

    #[tokio::test]
    async fn a_pool_that_is_being_left_keeps_only_what_is_in_use() {
        let (pool, mut lent) = all_lent().await;
        let every = Duration::from_millis(1);
        let leaving = tokio::spawn(release_idle(pool.clone(), every));
        for in_use in [3, 0] {
            lent.truncate(in_use);
            testkit::wait_for("idle connections are closed", async || pool.size() as usize == in_use).await;
        }
        drop(pool.acquire().await.expect("whoever still needs one gets it"));
        pool.close().await;
        leaving.await.expect("it ends with the pool");
    }
}
