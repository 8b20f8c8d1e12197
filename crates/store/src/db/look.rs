//! Opening a database to look at it: nothing is made, nothing is brought up to date, nothing is written.

use super::file_pool::FilePool;
use super::lent::Lender;
use super::open::{self, POSTGRES_SCHEMA, SQLITE_SCHEMA};
use super::{Address, Db, Options};
use crate::NotLooked;
use crate::error::{Error, Result};
use sqlx::Connection as _;
use sqlx::postgres::{PgConnection, PgPoolOptions};
use sqlx::sqlite::SqlitePoolOptions;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long a statement that only looks is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A step of the schema: its number, and what tells that it is the one we know.
pub(crate) type Step = (i64, Vec<u8>);

impl Db {
    /// Opens the database as a server does, but reads only, on one connection.
    pub(crate) async fn look(address: &Address, options: &Options) -> std::result::Result<Self, NotLooked> {
        match address {
            Address::Sqlite(file) => look_at_file(file, options).await,
            Address::Postgres(url) => look_at_server(url, options).await,
        }
    }

    /// The steps that this program's schema consists of.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let schema = match self {
            Self::Sqlite { .. } => &SQLITE_SCHEMA,
            Self::Postgres { .. } => &POSTGRES_SCHEMA,
        };
        schema.iter().map(|step| (step.version, step.checksum.to_vec())).collect()
    }
}

async fn look_at_file(file: &Path, options: &Options) -> std::result::Result<Db, NotLooked> {
    if !file.exists() {
        return Err(NotLooked::Missing(file.to_owned()));
    }
    // A reader makes the log's files where there are none and cannot take them away again; whoever may write does.
    let log = file.with_extension("db-wal");
    let connect = open::sqlite(file, options).create_if_missing(false).read_only(log.exists());
    let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(options.connect_timeout);
    let pool = pool.connect_with(connect.pragma("query_only", "on")).await;
    let pool = pool.map_err(|error| NotLooked::Failed(open::file_not_opened(file, error)))?;
    let pool = FilePool::from(pool);
    Ok(Db::Sqlite { write: pool.clone(), read: pool })
}

async fn look_at_server(url: &str, options: &Options) -> std::result::Result<Db, NotLooked> {
    let connect = open::postgres(url, options).map_err(NotLooked::Failed)?;
    let connect = open::limited(connect.application_name("examhall doctor"), options);
    let connect = connect.options([("default_transaction_read_only", "on")]);
    // A pool would say no more than that it took too long.
    match timeout(options.connect_timeout, PgConnection::connect_with(&connect)).await {
        Ok(Ok(connection)) => connection.close().await.map_err(|error| NotLooked::Failed(error.into()))?,
        Ok(Err(error)) => return Err(why_not(&error)),
        Err(_) => {
            let why = format!("no answer within {} seconds", options.connect_timeout.as_secs());
            return Err(NotLooked::Failed(Error::Unopened(why)));
        }
    }
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(options.connect_timeout);
    let lender =
        Lender { pool: pool.connect_lazy_with(connect), patience: PATIENCE, given_up: None, waiting: Arc::default() };
    Ok(Db::Postgres { pool: lender, writers: None, ends: None, statement_timeout: options.statement_timeout })
}

/// PostgreSQL's too_many_connections is told apart: it is what people ask about most.
fn why_not(error: &sqlx::Error) -> NotLooked {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    let why = open::why_not_reached(error);
    if code.is_some_and(|code| code == "53300") {
        NotLooked::TooManyConnections(why)
    } else {
        NotLooked::Failed(Error::Unopened(why))
    }
}

impl Db {
    /// What SQLite finds wrong with its file, the first of it; empty on PostgreSQL.
    pub(crate) async fn damage(&self) -> Result<Vec<String>> {
        let Self::Sqlite { read, .. } = self else { return Ok(Vec::new()) };
        let lines: Vec<(String,)> = sqlx::query_as("PRAGMA quick_check(3)").fetch_all(&read.pool).await?;
        Ok(lines.into_iter().map(|(line,)| line).filter(|line| line != "ok").collect())
    }

    /// How SQLite keeps its log: `wal` for a server's; empty on PostgreSQL.
    pub(crate) async fn journal_mode(&self) -> Result<String> {
        let Self::Sqlite { read, .. } = self else { return Ok(String::new()) };
        let (mode,): (String,) = sqlx::query_as("PRAGMA journal_mode").fetch_one(&read.pool).await?;
        Ok(mode)
    }
}
