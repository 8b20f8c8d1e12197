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

    /// How the engine would run a statement with `parameters` whose values it does not know, line by line.
    ///
    /// # Panics
    /// When the database refuses.
    pub async fn plan(&mut self, sql: &str, parameters: usize) -> Vec<String> {
        match self {
            Self::Sqlite(connection) => {
                let query = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
                let rows: sqlx::Result<Vec<(i64, i64, i64, String)>> =
                    sqlx::query_as(query).fetch_all(connection).await;
                let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
                rows.into_iter().map(|(_, _, _, line)| line).collect()
            }
            Self::Postgres(_) => {
                let nulls = vec!["NULL"; parameters].join(", ");
                let arguments = if nulls.is_empty() { nulls } else { format!("({nulls})") };
                // Small tables are read whole, unless that is forbidden.
                let prepare = format!(
                    "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan; PREPARE planned AS {sql}"
                );
                self.execute(&prepare).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
                let plan = self.texts(&format!("EXPLAIN EXECUTE planned{arguments}")).await;
                self.execute("DEALLOCATE planned").await.unwrap_or_else(|error| panic!("{sql}: {error}"));
                plan
            }
        }
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
