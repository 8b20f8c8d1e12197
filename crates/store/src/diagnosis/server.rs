//! What PostgreSQL says of itself: its settings, its limits, and what its connections do.

use super::Look;
use crate::db::sql;
use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long a commit is waited for: one that takes longer waits for a standby that does not answer.
const COMMIT_PATIENCE: Duration = Duration::from_secs(5);

/// PostgreSQL as it is set, for a connection of this program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Server {
    settings: BTreeMap<String, String>,
}

impl FromIterator<(String, String)> for Server {
    /// From names and values of settings.
    fn from_iter<T: IntoIterator<Item = (String, String)>>(settings: T) -> Self {
        Self { settings: settings.into_iter().collect() }
    }
}

impl Server {
    /// A setting's value as PostgreSQL shows it in `pg_settings`; None where this version has no such setting.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(String::as_str)
    }

    /// A setting that is a whole number; 0 where this version has no such setting.
    #[must_use]
    pub fn number(&self, name: &str) -> i64 {
        self.setting(name).and_then(|value| value.parse().ok()).unwrap_or(0)
    }

    /// Which connections are left when others have theirs.
    #[must_use]
    pub fn reserved(&self) -> Reserved {
        Reserved {
            all: self.number("max_connections"),
            kept: self.number("superuser_reserved_connections") + self.number("reserved_connections"),
        }
    }
}

/// The connections of a PostgreSQL server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reserved {
    /// All there may be: `max_connections`.
    pub all: i64,
    /// Those that are kept for administrators.
    pub kept: i64,
}

/// What this program's role and database may do, and what is behind the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Limits {
    /// Connections of the role at most; -1 for no limit.
    pub of_role: i64,
    /// Connections to the database at most; -1 for no limit.
    pub of_database: i64,
    /// Whether the server takes no writes, since it is a standby.
    pub is_standby: bool,
    /// Standbys that are connected, as far as this role may see them.
    pub standbys: i64,
    /// Those of them that commits wait for.
    pub synchronous: i64,
}

/// What a connection of PostgreSQL does. Its statement is left out: it may hold what is nobody's business.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Activity {
    /// Its process.
    pub pid: i64,
    /// The name by which its program goes: `examhall` for servers.
    pub application: String,
    /// Where it comes from; empty on the machine itself.
    pub client: String,
    /// `active`, `idle`, `idle in transaction`, ...; empty where this role may not see it.
    pub state: String,
    /// Whether it is to this database.
    pub is_ours: bool,
    /// Whether it waits for a lock.
    pub waits_for_lock: bool,
    /// The process that keeps it waiting.
    pub blocked_by: Option<i64>,
    /// Since when its transaction goes on, in milliseconds of the database's clock.
    pub transaction_since: Option<i64>,
    /// Since when it is in its state, in milliseconds of the database's clock.
    pub state_since: Option<i64>,
}

impl Look {
    /// PostgreSQL's settings.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn server(&self) -> Result<Server> {
        let statement = sql!(
            "SELECT "["'' AS name, '' AS setting WHERE FALSE"
                | "name, COALESCE(setting, '') AS setting FROM pg_settings WHERE name IN ('server_version', 'server_version_num', \
              'fsync', 'full_page_writes', 'synchronous_commit', 'synchronous_standby_names', 'wal_sync_method', \
              'statement_timeout', 'lock_timeout', 'max_connections', 'superuser_reserved_connections', \
              'reserved_connections')"]
        );
        let settings: Vec<(String, String)> = self.db.all(statement, ()).await?;
        Ok(settings.into_iter().collect())
    }

    /// The limits of this role and database; without limits on SQLite.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn limits(&self) -> Result<Limits> {
        let statement = sql!(
            "SELECT "["-1 AS of_role, -1 AS of_database, FALSE AS is_standby, 0 AS standbys, 0 AS synchronous"
                | "COALESCE((SELECT CAST(CASE WHEN rolsuper THEN -1 ELSE rolconnlimit END AS BIGINT) FROM pg_roles \
                  WHERE rolname = session_user), -1) AS of_role, \
              COALESCE((SELECT CAST(datconnlimit AS BIGINT) FROM pg_database WHERE datname = current_database()), -1) \
                  AS of_database, \
              pg_is_in_recovery() AS is_standby, (SELECT COUNT(*) FROM pg_stat_replication) AS standbys, \
              (SELECT COUNT(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')) AS synchronous"]
        );
        self.db.one(statement, ()).await
    }

    /// What all connections of people and programs do, this one left out; none on SQLite.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn activity(&self) -> Result<Vec<Activity>> {
        let statement = sql!(
            "SELECT "["0 AS pid WHERE FALSE"
                | "CAST(pid AS BIGINT) AS pid, COALESCE(application_name, '') AS application, \
              COALESCE(host(client_addr), '') AS client, COALESCE(state, '') AS state, \
              COALESCE(datname = current_database(), FALSE) AS is_ours, \
              COALESCE(wait_event_type = 'Lock', FALSE) AS waits_for_lock, \
              CASE WHEN wait_event_type = 'Lock' THEN CAST((pg_blocking_pids(pid))[1] AS BIGINT) END AS blocked_by, \
              CAST(EXTRACT(EPOCH FROM xact_start) * 1000 AS BIGINT) AS transaction_since, \
              CAST(EXTRACT(EPOCH FROM state_change) * 1000 AS BIGINT) AS state_since \
              FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY pid"]
        );
        self.db.all(statement, ()).await
    }

    /// How long PostgreSQL takes to commit, so many times, in order of length: to write a note to its log that belongs to no table,
    /// to sync it, and to hear from the standbys it waits for. Empty on SQLite.
    ///
    /// # Errors
    /// When it does not commit within five seconds, or fails.
    pub async fn commits(&self, count: usize) -> Result<Vec<Duration>> {
        if self.engine() == "sqlite" {
            return Ok(Vec::new());
        }
        let statement = sql!([
            "SELECT ''" | "SELECT CAST(pg_logical_emit_message(TRUE, 'examhall doctor', CAST('' AS TEXT)) AS TEXT)"
        ]);
        let mut took = Vec::with_capacity(count);
        for _ in 0..count {
            let begun = Instant::now();
            let committed = timeout(COMMIT_PATIENCE, self.db.one::<(String,), _>(statement, ())).await;
            let hangs = |_| Err(Error::TooSlow("a commit does not end within 5 seconds".into()));
            committed.unwrap_or_else(hangs)?;
            took.push(begun.elapsed());
        }
        took.sort_unstable();
        Ok(took)
    }
}
