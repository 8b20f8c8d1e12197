//! The seam between Examhall and its two engines: one SQL text per operation, native drivers underneath. The only file that
//! names a driver, with its folder.
//!
//! SQLite: one writing connection, `BEGIN IMMEDIATE`, many readers, WAL, `synchronous=FULL`. Deferred transactions over
//! several connections fail by the hundred under load, and a lost power must not take an acknowledged row with it.
//! PostgreSQL: one pool, and beside it connections that only write answers: no report keeps them waiting.
//!
//! Every statement is written with [`sql!`]; the few places where the engines differ are marked in it. Parameters are
//! tuples, `$1` being the first; their number is checked against the text, since SQLite would bind NULL for a missing one.
//! Integers are i64 on both sides, times are milliseconds, JSON documents are text.

mod backend;
mod checkpoint;
mod file_pool;
mod given_up;
mod lent;
mod look;
mod open;
mod params;
mod transaction;
mod upkeep;

pub(crate) use params::{Column, Rows};

use crate::Controls;
use crate::error::{Error, Result};
use crate::figures::Connections;
use file_pool::FilePool;
use futures_util::future::BoxFuture;
use lent::Lender;
use params::Params;
use sqlx::FromRow;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use std::path::PathBuf;
use std::time::Duration;
pub(crate) use transaction::{Kept, Limit};
use transaction::{PgTx, SqliteTx};

/// A statement: its text for each engine and how many parameters it takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sql {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
    pub(crate) parameters: usize,
}

/// Writes a statement once for both engines: texts in sequence, `[SQLite | PostgreSQL]` where they differ.
macro_rules! sql {
    ($($part:tt)+) => {
        $crate::db::Sql {
            sqlite: concat!($($crate::db::sql_part!(sqlite $part)),+),
            postgres: concat!($($crate::db::sql_part!(postgres $part)),+),
            parameters: $crate::db::count_parameters(concat!($($crate::db::sql_part!(postgres $part)),+)),
        }
    };
}
macro_rules! sql_part {
    (sqlite [$sqlite:literal | $postgres:literal]) => {
        $sqlite
    };
    (postgres [$sqlite:literal | $postgres:literal]) => {
        $postgres
    };
    ($engine:ident $both:literal) => {
        $both
    };
}
pub(crate) use {sql, sql_part};

/// The highest `$n` of a text.
pub(crate) const fn count_parameters(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut highest, mut at) = (0, 0);
    while at < bytes.len() {
        if bytes[at] == b'$' {
            let mut number = 0;
            at += 1;
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                number = number * 10 + (bytes[at] - b'0') as usize;
                at += 1;
            }
            if number > highest {
                highest = number;
            }
        } else {
            at += 1;
        }
    }
    highest
}

/// A row both drivers can deliver; derive `sqlx::FromRow` for it.
pub(crate) trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

fn check(sql: Sql, params: &impl Params) -> Result<()> {
    // What is asked, never with which values: those may be answers.
    tracing::trace!(target: "store::statement", sqlite = sql.sqlite, postgres = sql.postgres, "statement");
    if sql.parameters == params.count() {
        return Ok(());
    }
    let reason = format!("{} parameters for a statement with {}", params.count(), sql.parameters);
    Err(Error::Database(sqlx::Error::InvalidArgument(reason)))
}

/// Runs one statement on one engine: the drivers' calls, written once for pools and transactions alike.
macro_rules! run {
    (execute $executor:expr, $text:expr, $arguments:expr) => {{
        let arguments = $arguments.map_err(sqlx::Error::Encode)?;
        sqlx::query_with($text, arguments).execute($executor).await.map(|done| done.rows_affected())
    }};
    (all $executor:expr, $text:expr, $arguments:expr) => {{
        let arguments = $arguments.map_err(sqlx::Error::Encode)?;
        sqlx::query_as_with($text, arguments).fetch_all($executor).await
    }};
    (optional $executor:expr, $text:expr, $arguments:expr) => {{
        let arguments = $arguments.map_err(sqlx::Error::Encode)?;
        sqlx::query_as_with($text, arguments).fetch_optional($executor).await
    }};
}

/// `run!` on a connection of PostgreSQL, which is told what came of it.
macro_rules! settled {
    ($what:ident $lent:expr, $text:expr, $arguments:expr) => {{
        let lent = &mut *$lent;
        let patience = lent.patience();
        let outcome = lent::in_time(patience, async { run!($what lent.lend(), $text, $arguments) }).await;
        lent.settle(outcome)?
    }};
}

/// A statement on a connection of a pool; of SQLite's two, the one named. Its future is boxed: those of the drivers take up many
/// kilobytes, which every request would allocate though its data is in memory.
macro_rules! statement {
    ($what:ident $self:ident.$pool:ident, $sql:expr, $params:expr) => {
        Box::pin(async move {
            check($sql, &$params)?;
            Ok(match $self {
                Self::Sqlite { $pool, .. } => {
                    let mut connection = $pool.acquire().await?;
                    run!($what &mut *connection, $sql.sqlite, $params.sqlite())?
                }
                Self::Postgres { pool, .. } => {
                    let mut lent = pool.lend().await?;
                    settled!($what &mut lent, $sql.postgres, $params.postgres())
                }
            })
        })
    };
}

/// A statement of a transaction, boxed as well.
macro_rules! statement_of {
    ($what:ident $self:ident, $sql:expr, $params:expr) => {
        Box::pin(async move {
            check($sql, &$params)?;
            Ok(match $self {
                Self::Sqlite(tx) => run!($what &mut **tx, $sql.sqlite, $params.sqlite())?,
                Self::Postgres(tx) => settled!($what tx.lent(), $sql.postgres, $params.postgres()),
            })
        })
    };
}

/// How the database is reached; see [`crate::Store::open`].
#[derive(Debug, Clone)]
pub struct Options {
    /// Connections that stay open.
    pub pool_min: u32,
    /// Connections at most; on PostgreSQL some of them only write answers: two of eight and more, one of two to seven. Of five and
    /// more, as many stay free to replace those; of three and more, one is kept for ending what was given up.
    pub pool_max: u32,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// How long a statement may take on PostgreSQL.
    pub statement_timeout: Duration,
    /// How many answers are written in one transaction at most; 1 switches batching off.
    pub save_batch: usize,
    /// How many saves and submits may wait; what comes on top is refused at once.
    pub save_queue: usize,
    /// How long an answer may wait for the database before it is refused.
    pub save_wait: Duration,
    /// How much one attempt may hold.
    pub log_max: LogSize,
    /// Protections that are switched off, in tests only.
    pub controls: Controls,
}

/// How much the log of an attempt holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogSize {
    /// Operations.
    pub operations: usize,
    /// Bytes of their responses as they are stored.
    pub bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            pool_min: 5,
            pool_max: 50,
            connect_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(30),
            save_batch: 256,
            save_queue: 20_000,
            save_wait: exam::attempt::QUEUE_DEADLINE,
            log_max: LogSize { operations: 50_000, bytes: 16 * 1024 * 1024 },
            controls: Controls::default(),
        }
    }
}

impl Options {
    /// How many connections read an embedded database; beside them there is one that writes.
    #[must_use]
    pub fn readers(&self) -> u32 {
        self.pool_max.clamp(1, 16)
    }
}

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// An SQLite file; its folder is made when missing.
    Sqlite(PathBuf),
    /// A PostgreSQL address.
    Postgres(String),
}

impl Address {
    /// Reads `postgres://...` or `postgresql://...`.
    ///
    /// # Errors
    /// For anything else: an address that is misspelt must not silently become a file, nor one that names nothing the
    /// database of whoever runs this.
    pub fn parse(url: &str) -> Result<Self> {
        let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
        if let Some(rest) = rest {
            if rest.trim_matches('/').is_empty() {
                return Err(Error::Address(
                    "DATABASE_URL names no server; write postgres://USER:PASSWORD@HOST/DATABASE".into(),
                ));
            }
            Ok(Self::Postgres(url.to_owned()))
        } else {
            // The address may hold a password: only its scheme is repeated.
            let scheme = url.split_once("://").map_or("no scheme", |(scheme, _)| scheme);
            Err(Error::Address(format!(
                "DATABASE_URL must start with postgres:// (it has {scheme}); leave it unset to use the embedded database in DATA_DIR"
            )))
        }
    }
}

/// A database: one of the two engines.
#[derive(Debug, Clone)]
pub(crate) enum Db {
    Sqlite {
        write: FilePool,
        read: FilePool,
    },
    /// `writers` has the connections that only write answers, so many at once; None where one is all there may be. `ends` has the one
    /// that ends what was given up, where it is none of the others.
    Postgres {
        pool: Lender,
        writers: Option<(Lender, u32)>,
        ends: Option<Lender>,
        statement_timeout: Duration,
    },
}

impl Db {
    /// "sqlite" or "postgres".
    pub(crate) fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "sqlite",
            Self::Postgres { .. } => "postgres",
        }
    }

    /// Whether it has been closed.
    pub(crate) fn is_closed(&self) -> bool {
        match self {
            Self::Sqlite { read, .. } => read.pool.is_closed(),
            Self::Postgres { pool, .. } => pool.pool.is_closed(),
        }
    }

    /// Closes connections of the pool that nobody uses, again and again until it is closed; on SQLite there are few, which cost
    /// nobody anything.
    pub(crate) fn release_idle(&self) {
        if let Self::Postgres { pool, .. } = self {
            tokio::spawn(upkeep::release_idle(pool.pool.clone(), upkeep::RELEASE_EVERY));
        }
    }

    /// Closes all connections, waiting for those in use.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { write, read } => {
                read.pool.close().await;
                write.pool.close().await;
            }
            Self::Postgres { pool, writers, .. } => {
                pool.pool.close().await;
                if let Some((writers, _)) = writers {
                    writers.pool.close().await;
                }
            }
        }
    }

    /// Runs a writing statement; the number of rows it touched.
    pub(crate) fn execute<'a, P: Params + 'a>(&'a self, sql: Sql, params: P) -> BoxFuture<'a, Result<u64>> {
        statement!(execute self.write, sql, params)
    }

    /// Runs a writing statement with RETURNING; its first row.
    pub(crate) async fn returning<R: Row, P: Params>(&self, sql: Sql, params: P) -> Result<Option<R>> {
        // Not `optional`: a statement dropped after its first row would not have run to its end.
        Ok(self.all_written(sql, params).await?.into_iter().next())
    }

    /// Runs a writing statement with RETURNING; all its rows.
    pub(crate) fn all_written<'a, R: Row + 'a, P: Params + 'a>(
        &'a self,
        sql: Sql,
        params: P,
    ) -> BoxFuture<'a, Result<Vec<R>>> {
        statement!(all self.write, sql, params)
    }

    /// Reads all rows.
    pub(crate) fn all<'a, R: Row + 'a, P: Params + 'a>(&'a self, sql: Sql, params: P) -> BoxFuture<'a, Result<Vec<R>>> {
        statement!(all self.read, sql, params)
    }

    /// Reads the first row.
    pub(crate) fn optional<'a, R: Row + 'a, P: Params + 'a>(
        &'a self,
        sql: Sql,
        params: P,
    ) -> BoxFuture<'a, Result<Option<R>>> {
        statement!(optional self.read, sql, params)
    }

    /// Reads the one row a statement is bound to have, such as a count.
    pub(crate) async fn one<R: Row, P: Params>(&self, sql: Sql, params: P) -> Result<R> {
        self.optional(sql, params).await?.ok_or(Error::Database(sqlx::Error::RowNotFound))
    }

    /// Begins a writing transaction; dropped without a commit, it is rolled back.
    pub(crate) fn begin(&self) -> BoxFuture<'_, Result<Tx>> {
        Box::pin(async move {
            Ok(match self {
                Self::Sqlite { write, .. } => Tx::Sqlite(SqliteTx::begin(write).await?),
                Self::Postgres { pool, .. } => Tx::Postgres(PgTx::begin(pool.lend().await?).await?),
            })
        })
    }

    /// What the connections of this process do.
    pub(crate) fn connections(&self) -> Connections {
        match self {
            // The one that writes is there from the beginning, and never closed.
            Self::Sqlite { write, read } => Connections { least: 1, ..write.connections().and(read.connections()) },
            Self::Postgres { pool, writers, ends, .. } => {
                let others = [writers.as_ref().map(|(writers, _)| writers), ends.as_ref()];
                others.into_iter().flatten().fold(pool.connections(), |all, some| all.and(some.connections()))
            }
        }
    }

    /// How many writers of answers there are. Two on PostgreSQL: while one waits for its commit, the other one's statements run. SQLite
    /// writes one transaction at a time.
    pub(crate) fn writers(&self) -> u32 {
        match self {
            Self::Postgres { writers: Some((_, writers)), .. } => *writers,
            Self::Postgres { writers: None, .. } | Self::Sqlite { .. } => 1,
        }
    }

    /// Makes the connection of a writer of answers, where it keeps none.
    pub(crate) async fn connect(&self, kept: &Kept) -> Result<()> {
        if let Self::Postgres { writers: Some((pool, _)), .. } = self
            && kept.is_empty()
        {
            kept.put(pool.lend().await?);
        }
        Ok(())
    }

    /// Begins a transaction of a writer of answers, on the connection that [`Db::connect`] has made; where there is none for writers,
    /// on any. Its statements are ended by PostgreSQL itself before the writer would give them up, so that none holds its attempts
    /// any longer.
    pub(crate) async fn begin_kept(&self, kept: &Kept, limit: Limit) -> Result<Tx> {
        match (self, kept.take()) {
            (Self::Postgres { statement_timeout, .. }, Some(lent)) => {
                Ok(Tx::Postgres(PgTx::begin_limited(lent, kept.clone(), limit, *statement_timeout).await?))
            }
            _ => self.begin().await,
        }
    }
}

/// A writing transaction.
pub(crate) enum Tx {
    Sqlite(SqliteTx),
    Postgres(PgTx),
}

impl Tx {
    /// Runs a statement; the number of rows it touched.
    pub(crate) fn execute<'a, P: Params + 'a>(&'a mut self, sql: Sql, params: P) -> BoxFuture<'a, Result<u64>> {
        statement_of!(execute self, sql, params)
    }

    /// Reads all rows, also those of RETURNING.
    pub(crate) fn all<'a, R: Row + 'a, P: Params + 'a>(
        &'a mut self,
        sql: Sql,
        params: P,
    ) -> BoxFuture<'a, Result<Vec<R>>> {
        statement_of!(all self, sql, params)
    }

    /// Reads the first row, also of RETURNING.
    pub(crate) async fn optional<R: Row, P: Params>(&mut self, sql: Sql, params: P) -> Result<Option<R>> {
        Ok(self.all(sql, params).await?.into_iter().next())
    }

    /// Reads the one row a statement is bound to have.
    pub(crate) async fn one<R: Row, P: Params>(&mut self, sql: Sql, params: P) -> Result<R> {
        self.optional(sql, params).await?.ok_or(Error::Database(sqlx::Error::RowNotFound))
    }

    /// Makes everything done in it durable.
    pub(crate) fn commit(self) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            match self {
                Self::Sqlite(tx) => tx.commit().await,
                Self::Postgres(tx) => tx.commit().await,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn fresh(folder: &testkit::Folder) -> Db {
        let address = Address::Sqlite(folder.path().join("examhall.db"));
        Db::open(&address, &Options::default()).await.unwrap()
    }

    #[test]
    fn parameters_are_counted_by_the_highest_number() {
        assert_eq!(sql!("SELECT 1").parameters, 0);
        assert_eq!(sql!("SELECT $2, $1, $2").parameters, 2);
        assert_eq!(sql!("SELECT $1" [" + $2" | "::bigint + $2"] " + $12").parameters, 12);
    }

    #[test]
    fn the_parts_of_a_statement_go_to_their_engine() {
        let sql = sql!("SELECT a FROM b "["" | "FOR UPDATE "] "LIMIT $1");
        assert_eq!((sql.sqlite, sql.postgres), ("SELECT a FROM b LIMIT $1", "SELECT a FROM b FOR UPDATE LIMIT $1"));
    }

    #[tokio::test]
    async fn a_wrong_number_of_parameters_is_an_error_not_a_null() {
        let folder = testkit::Folder::new();
        let db = fresh(&folder).await;
        let missing: Result<Vec<(Option<i64>,)>> = db.all(sql!("SELECT $1 WHERE $2 IS NULL"), (1_i64,)).await;
        assert!(matches!(missing, Err(Error::Database(sqlx::Error::InvalidArgument(_)))), "{missing:?}");
        let surplus = db.execute(sql!("DELETE FROM sessions WHERE id = $1"), (1_i64, 2_i64)).await;
        assert!(matches!(surplus, Err(Error::Database(sqlx::Error::InvalidArgument(_)))), "{surplus:?}");
        let mut tx = db.begin().await.unwrap();
        assert!(tx.execute(sql!("DELETE FROM sessions WHERE id = $1"), ()).await.is_err());
    }

    #[tokio::test]
    async fn sqlite_writes_through_to_the_disk_and_readers_only_read() {
        let folder = testkit::Folder::new();
        let db = fresh(&folder).await;
        let Db::Sqlite { write, read } = &db else { panic!("it is SQLite") };
        let ask = async |pool: &FilePool, pragma: &'static str| {
            let (value,): (i64,) = sqlx::query_as(pragma).fetch_one(&pool.pool).await.unwrap();
            value
        };
        for pool in [write, read] {
            assert_eq!(ask(pool, "PRAGMA synchronous").await, 2, "FULL");
            assert_eq!(ask(pool, "PRAGMA foreign_keys").await, 1);
            assert_eq!(ask(pool, "PRAGMA busy_timeout").await, 5_000);
        }
        let (mode,): (String,) = sqlx::query_as("PRAGMA journal_mode").fetch_one(&write.pool).await.unwrap();
        assert_eq!(mode, "wal");
        assert_eq!((ask(write, "PRAGMA query_only").await, ask(read, "PRAGMA query_only").await), (0, 1));
        assert_eq!(write.pool.options().get_max_connections(), 1, "one writer");
    }
}
