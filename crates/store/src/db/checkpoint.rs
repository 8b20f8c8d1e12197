//! SQLite's write-ahead log, copied into the database while nobody waits for it.
//!
//! SQLite copies it in the commit that makes it too long. After many saves that is a commit that writes to thousands of places,
//! for which everybody waits: so most of it is copied before, on another connection, beside the writer.

use sqlx::raw_sql;
use sqlx::sqlite::SqlitePool;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How long the log gets before a commit copies what is left of it, in pages of 4 KiB: long enough that a page which many saves
/// have changed is copied once for all of them.
pub(super) const AT_PAGES: &str = "8192";
/// How often it is copied: in small parts, since a commit that syncs meanwhile waits for the disk to take them.
const EVERY: Duration = Duration::from_millis(250);

/// Copies it now and then until the database is closed.
pub(super) async fn keep_small(pool: SqlitePool) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = pool.close_event() => return,
        }
        // Nothing depends on it: a disk that fails is told of by those who write.
        if let Err(error) = raw_sql("PRAGMA wal_checkpoint(PASSIVE)").execute(&pool).await {
            tracing::debug!(%error, "the write-ahead log cannot be copied");
        }
    }
}
