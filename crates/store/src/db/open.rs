//! Opening a database, and why one cannot be opened in words that say what to do.

use super::backend::Backends;
use super::given_up::GivenUp;
use super::lent::Lender;
use super::{Address, Db, Options, checkpoint, given_up, upkeep};
use crate::error::{Error, Result, told};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, raw_sql};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The schema of SQLite, step by step.
pub(super) static SQLITE_SCHEMA: Migrator = sqlx::migrate!("src/schema/sqlite");

/// The schema of PostgreSQL, step by step.
pub(super) static POSTGRES_SCHEMA: Migrator = sqlx::migrate!("src/schema/postgres");

/// The first SQLite without the WAL-reset race that could corrupt a database (fixed in 3.51.3).
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// The name by which PostgreSQL knows connections of servers.
pub(super) const APPLICATION: &str = "examhall";

/// How much longer than its own limit PostgreSQL is waited for.
const GRACE: Duration = Duration::from_secs(5);

/// How long a writer of answers waits for a connection before it tries again.
const WRITER_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long to wait before a database that is not there yet is tried again.
const TRY_AGAIN: Duration = Duration::from_millis(250);

impl Db {
    /// Opens the database and brings its schema up to date.
    pub(crate) async fn open(address: &Address, options: &Options) -> Result<Self> {
        match address {
            Address::Sqlite(file) => Self::reach_sqlite(file, options).await,
            Address::Postgres(url) => Self::open_postgres(url, options).await,
        }
    }

    /// A file that another process makes or brings up to date at the same moment is waited for: SQLite itself waits for five
    /// seconds, and not at all while the file is being made one with a write-ahead log.
    async fn reach_sqlite(file: &Path, options: &Options) -> Result<Self> {
        let give_up = Instant::now() + options.connect_timeout;
        loop {
            match Self::open_sqlite(file, options).await {
                Err(Error::Unavailable(_)) if Instant::now() + TRY_AGAIN < give_up => {
                    tokio::time::sleep(TRY_AGAIN).await;
                }
                opened => return opened,
            }
        }
    }

    async fn open_sqlite(file: &Path, options: &Options) -> Result<Self> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(|error| {
                Error::Address(format!("the data folder {} cannot be made: {error}; set DATA_DIR", folder.display()))
            })?;
        }
        for one in ["", "-wal", "-shm"] {
            let mut one_file = file.as_os_str().to_owned();
            one_file.push(one);
            ours(Path::new(&one_file))?;
        }
        let connect = sqlite(file, options).create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
        let write = upkeep::by_us(SqlitePoolOptions::new())
            .max_connections(1)
            .acquire_timeout(options.connect_timeout)
            .test_before_acquire(false)
            .connect_with(connect.clone())
            .await
            .map_err(|error| file_not_opened(file, error))?;
        let (version,): (String,) = sqlx::query_as("SELECT sqlite_version()").fetch_one(&write).await?;
        let parts: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
        if parts.as_slice() < [OLDEST_SQLITE.0, OLDEST_SQLITE.1, OLDEST_SQLITE.2].as_slice() {
            return Err(Error::Address(format!("SQLite {version} is linked; 3.51.3 or later is needed")));
        }
        // The migrator locks nothing on SQLite: of two processes that open a new database, one would fail.
        let mut tx = write.begin_with("BEGIN IMMEDIATE").await.map_err(|error| file_not_opened(file, error))?;
        SQLITE_SCHEMA.run_direct(None, &mut *tx, false).await?;
        tx.commit().await?;
        let read = upkeep::by_us(SqlitePoolOptions::new())
            .max_connections(options.readers())
            .acquire_timeout(options.connect_timeout)
            .test_before_acquire(false)
            .connect_lazy_with(connect.pragma("query_only", "on").pragma("cache_size", READER_KIB));
        tokio::spawn(checkpoint::keep_small(read.clone()));
        Ok(Self::Sqlite { write: write.into(), read: read.into() })
    }

    async fn open_postgres(url: &str, options: &Options) -> Result<Self> {
        let connect = postgres(url, options)?.application_name(APPLICATION);
        // Without a statement timeout: a migration of a large table may take longer than any statement of a request may.
        let mut migrating = reach(&connect, options.connect_timeout).await?;
        POSTGRES_SCHEMA.run_direct(None, &mut migrating, false).await?;
        fits(&mut migrating, options).await?;
        migrating.close().await?;
        let connect = limited(connect, options);
        let pool = upkeep::by_us(PgPoolOptions::new());
        let pool = pool.acquire_timeout(options.connect_timeout).test_before_acquire(false);
        let pool = pool.after_connect(|connection, _| Box::pin(notice_that_we_are_gone(connection)));
        let Shares { writers, spare, ending, others } = Shares::of(options.pool_max);
        // Connected when the first was given up.
        let ends = pool.clone().acquire_timeout(given_up::PATIENCE).max_connections(1);
        let ends = (ending > 0).then(|| ends.connect_lazy_with(connect.clone()));
        let backends = Backends::of(options.pool_max);
        let learns = backends.clone();
        let pool = pool.after_connect(move |connection, _| {
            let backends = learns.clone();
            Box::pin(async move {
                notice_that_we_are_gone(connection).await?;
                backends.learn(connection).await
            })
        });
        let (given_up, taken) = GivenUp::new(backends);
        // PostgreSQL gives up first where it can, and then says so.
        let patience = options.statement_timeout.saturating_add(GRACE);
        let lender = |pool| Lender { pool, patience, given_up: Some(given_up.clone()), waiting: Arc::default() };
        // A shorter wait than others have: the pauses between tries, which delay the recovery, are a fifth of it at most.
        let wait = options.connect_timeout.min(WRITER_CONNECT_TIMEOUT);
        let writing = pool.clone().acquire_timeout(wait).max_connections(writers + spare);
        // How many rows a batch has changes each time, and nothing about how they are best found. Not for the others: how a report is
        // best made depends on what is asked for.
        let planned_once = connect.clone().options([("plan_cache_mode", "force_generic_plan")]);
        let writers = (writers > 0).then(|| (lender(writing.connect_lazy_with(planned_once)), writers));
        let least = options.pool_min.min(others);
        let pool = pool.min_connections(least).max_connections(others).connect_with(connect).await?;
        tokio::spawn(upkeep::close_unneeded(pool.clone(), least, upkeep::LOOK_EVERY));
        let ending = |pool| Lender { pool, patience: given_up::PATIENCE, given_up: None, waiting: Arc::default() };
        let ends = ends.map(ending);
        let ended_by = ends.clone().unwrap_or_else(|| ending(pool.clone()));
        tokio::spawn(given_up::end_all(taken, ended_by, pool.clone()));
        Ok(Self::Postgres { pool: lender(pool), writers, ends, statement_timeout: options.statement_timeout })
    }
}

/// Pages that a connection keeps, as SQLite takes it: so many KiB, with a minus before them. The writer's are those of everybody who is in
/// their exam (4 KiB each); what readers look for, the system has in memory as well, and there are up to sixteen of them.
const WRITER_KIB: &str = "-65536";
const READER_KIB: &str = "-4096";

/// How every connection to an SQLite file is set.
pub(super) fn sqlite(file: &Path, options: &Options) -> SqliteConnectOptions {
    let durable = if options.controls.is_not_durable() { SqliteSynchronous::Off } else { SqliteSynchronous::Full };
    SqliteConnectOptions::new()
        .filename(file)
        // First of all, or opening under load fails with "locked".
        .busy_timeout(Duration::from_secs(5))
        .synchronous(durable)
        .foreign_keys(true)
        .pragma("cache_size", WRITER_KIB)
        .pragma("wal_autocheckpoint", checkpoint::AT_PAGES)
        .pragma("temp_store", "memory")
        .disable_statement_logging()
}

/// How every connection to PostgreSQL is set.
pub(super) fn postgres(url: &str, options: &Options) -> Result<PgConnectOptions> {
    let durable = if options.controls.is_not_durable() { "off" } else { "on" };
    let connect = PgConnectOptions::from_str(url)
        .map_err(|_| Error::Address("DATABASE_URL is not a valid postgres:// address".into()))?;
    Ok(connect.options([("synchronous_commit", durable)]).disable_statement_logging())
}

/// A connection to PostgreSQL whose statements may not take for ever.
pub(super) fn limited(connect: PgConnectOptions, options: &Options) -> PgConnectOptions {
    let timeout = options.statement_timeout.as_millis().to_string();
    connect.options([
        ("statement_timeout", timeout.as_str()),
        // A plan is kept, and the first ones are made while tables are empty: of those, reading all looks cheapest, and goes on to
        // be done when they hold a hall's answers. There is an index for what requests ask. What has none is still read whole,
        // and what that is made to cost on paper must not have it compiled.
        ("enable_seqscan", "off"),
        ("jit", "off"),
        // A node that dies within a transaction, or whose connection is lost without a word, must not keep attempts
        // locked for everybody until the system's own two hours are over.
        ("lock_timeout", "4000"),
        ("idle_in_transaction_session_timeout", "10000"),
        ("tcp_keepalives_idle", "5"),
        ("tcp_keepalives_interval", "2"),
        ("tcp_keepalives_count", "3"),
        ("tcp_user_timeout", "10000"),
    ])
}

/// What PostgreSQL's connections are for.
#[derive(Debug, PartialEq, Eq)]
struct Shares {
    /// They only write answers.
    writers: u32,
    /// One for each writer, where there are enough: one that was given up keeps its place until its process has ended, and the next
    /// has to go on meanwhile.
    spare: u32,
    /// It ends what was given up, whatever all others wait for. Of two at most, that needs one of the others: when all of them were
    /// given up, there is one too many for a moment.
    ending: u32,
    others: u32,
}

impl Shares {
    fn of(most: u32) -> Self {
        let (writers, spare, ending) = match most {
            0 | 1 => (0, 0, 0),
            2 => (1, 0, 0),
            3..=4 => (1, 0, 1),
            5..=7 => (1, 1, 1),
            _ => (2, 2, 1),
        };
        Self { writers, spare, ending, others: most.max(1) - writers - spare - ending }
    }
}

/// Tells of a pool for which PostgreSQL has no room: all else that one would see is a connection that does not come. No more than that,
/// since there may be a pooler in between, which has.
async fn fits(connection: &mut PgConnection, options: &Options) -> Result<()> {
    let (most,): (String,) = sqlx::query_as("SHOW max_connections").fetch_one(connection).await?;
    let most: u32 = most.parse().unwrap_or(u32::MAX);
    if options.pool_max >= most {
        tracing::warn!(
            pool_max = options.pool_max,
            max_connections = most,
            "PostgreSQL takes fewer connections than this server may open; lower DB_POOL_MAX"
        );
    }
    Ok(())
}

/// Has PostgreSQL look every second whether we still wait for a statement: one that was given up would go on and hold its locks.
/// PostgreSQL before 14, and on other systems than Linux, cannot: there, the statement's own limit must do.
async fn notice_that_we_are_gone(connection: &mut PgConnection) -> std::result::Result<(), sqlx::Error> {
    match raw_sql("SET client_connection_check_interval = 1000").execute(connection).await {
        Err(error @ (sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_))) => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The first connection to PostgreSQL. A server that is still starting is waited for; a pool would do that too, but says no
/// more in the end than that it took too long.
async fn reach(options: &PgConnectOptions, patience: Duration) -> Result<PgConnection> {
    let give_up = Instant::now() + patience;
    loop {
        let cause = match tokio::time::timeout_at(give_up, PgConnection::connect_with(options)).await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(error)) if is_starting(&error) => error,
            Ok(Err(error)) => return Err(Error::Unopened(why_not_reached(&error))),
            Err(_) => {
                let seconds = patience.as_secs();
                let why = format!("no answer within {seconds} seconds; check host and port in DATABASE_URL");
                return Err(Error::Unopened(why));
            }
        };
        if Instant::now() + TRY_AGAIN >= give_up {
            return Err(Error::Unopened(why_not_reached(&cause)));
        }
        tokio::time::sleep(TRY_AGAIN).await;
    }
}

/// Refuses a file that is there and that this user may not write: SQLite would open it, and fail at the first change. It is not opened
/// for that: closing it would let go of the locks that another connection of this process has on it.
fn ours(file: &Path) -> Result<()> {
    match rustix::fs::access(file, rustix::fs::Access::WRITE_OK) {
        Err(rustix::io::Errno::ACCESS | rustix::io::Errno::PERM) => Err(Error::Address(format!(
            "{} may not be written by this user; let it belong to the account of the server (chown), or set DATA_DIR",
            file.display()
        ))),
        _ => Ok(()),
    }
}

/// Whether a PostgreSQL that is being started would fail like this.
fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        sqlx::Error::Database(error) => error.is_transient_in_connect_phase(),
        _ => false,
    }
}

pub(super) fn why_not_reached(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Io(cause) if cause.kind() == std::io::ErrorKind::ConnectionRefused => {
            "connection refused: no PostgreSQL listens there; start it, or correct DATABASE_URL".into()
        }
        sqlx::Error::Io(cause) => format!("{cause}; check host and port in DATABASE_URL"),
        sqlx::Error::Database(database) => {
            let code = database.code().unwrap_or_default();
            let message = database.message();
            match code.as_ref() {
                // Invalid authorization: no such user, a wrong password, or no entry in pg_hba.conf.
                code if code.starts_with("28") => format!("{message}; check user and password in DATABASE_URL"),
                "3D000" => format!("{message}; make it, or correct DATABASE_URL"),
                _ => told(error),
            }
        }
        other => other.to_string(),
    }
}

pub(super) fn file_not_opened(file: &Path, error: sqlx::Error) -> Error {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    let code = code.and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff);
    match code {
        // PERM, READONLY, CANTOPEN
        Some(3 | 8 | 14) => Error::Address(format!(
            "{} cannot be opened for writing; let this user write to its folder, or set DATA_DIR",
            file.display()
        )),
        // CORRUPT, NOTADB
        Some(11 | 26) => Error::Unopened(
            "this is not a database, or it is damaged; put the file aside, restore a backup, or set DATA_DIR".into(),
        ),
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_shares_together_are_as_many_as_there_may_be() {
        for most in 1..100 {
            let Shares { writers, spare, ending, others } = Shares::of(most);
            assert_eq!(writers + spare + ending + others, most);
            assert!(others > 0 && spare <= writers, "{most}");
        }
        assert_eq!(Shares::of(20), Shares { writers: 2, spare: 2, ending: 1, others: 15 });
        assert_eq!(Shares::of(0).others, 1);
    }
}
