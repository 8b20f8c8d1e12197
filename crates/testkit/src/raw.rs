//! A connection beside the store, for what the store does not let anybody do.

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};
use std::time::Duration;
use store::Address;

/// A raw connection to a test's database. Dropped, it rolls back what it has not committed.
#[derive(Debug)]
pub enum Raw {
    /// To its file.
    Sqlite(SqliteConnection),
    /// To its schema.
    Postgres(PgConnection),
}

impl Raw {
    pub(crate) async fn open(address: &Address) -> sqlx::Result<Self> {
        Ok(match address {
            Address::Sqlite(file) => {
                let options = SqliteConnectOptions::new().filename(file).busy_timeout(Duration::from_secs(10));
                Self::Sqlite(options.connect().await?)
            }
            Address::Postgres(url) => Self::Postgres(PgConnection::connect(url).await?),
        })
    }

    /// Runs statements; the number of rows they touched.
    ///
    /// # Errors
    /// What the database says.
    pub async fn execute(&mut self, sql: &str) -> sqlx::Result<u64> {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        Ok(match self {
            Self::Sqlite(connection) => query.execute(connection).await?.rows_affected(),
            Self::Postgres(connection) => query.execute(connection).await?.rows_affected(),
        })
    }

    /// The first column of all rows, which must be text.
    ///
    /// # Panics
    /// When the database refuses.
    pub async fn texts(&mut self, sql: &str) -> Vec<String> {
        let query = AssertSqlSafe(sql.to_owned());
        let texts = match self {
            Self::Sqlite(connection) => sqlx::query_scalar(query).fetch_all(connection).await,
            Self::Postgres(connection) => sqlx::query_scalar(query).fetch_all(connection).await,
        };
        texts.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The one number a statement gives.
    ///
    /// # Panics
    /// When the database refuses.
    pub async fn number(&mut self, sql: &str) -> i64 {
        let query = AssertSqlSafe(sql.to_owned());
        let number = match self {
            Self::Sqlite(connection) => sqlx::query_scalar(query).fetch_one(connection).await,
            Self::Postgres(connection) => sqlx::query_scalar(query).fetch_one(connection).await,
        };
        number.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }
}
