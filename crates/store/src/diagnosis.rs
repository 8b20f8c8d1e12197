//! Looking at a database that servers may be using, without changing it: for `examhall doctor`.

mod indexes;
mod server;

pub use indexes::Index;
pub use server::{Activity, Limits, Reserved, Server};

use crate::db::{Db, sql};
use crate::error::{Error, Result};
use crate::{Address, Options};
use exam::time::Timestamp;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;

/// How many round trips are made to tell how long one takes.
const ROUND_TRIPS: usize = 5;

/// A database that is looked at. It has one connection, which only reads.
#[derive(Debug)]
pub struct Look {
    db: Db,
}

/// Why a database cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum NotLooked {
    /// There is no file yet.
    #[error("there is no database {}", .0.display())]
    Missing(PathBuf),
    /// PostgreSQL takes no more connections.
    #[error("{0}")]
    TooManyConnections(String),
    /// Anything else.
    #[error(transparent)]
    Failed(Error),
}

/// How the schema of a database stands to that of this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schema {
    /// There is none yet.
    Missing,
    /// It is this program's, up to this step.
    Current(i64),
    /// It lacks steps.
    Older {
        /// The last step it has.
        has: i64,
        /// The last step of this program.
        wants: i64,
    },
    /// It is of a later version of Examhall.
    Newer {
        /// The last step it has.
        has: i64,
        /// The last step of this program.
        knows: i64,
    },
    /// A step is another one than this program's, or was not finished.
    Other(i64),
}

/// What is special about an SQLite file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The version of SQLite in this program.
    pub version: String,
    /// How it keeps its log: `wal`.
    pub journal_mode: String,
}

impl Look {
    /// Opens a database as a server with these options would, but makes nothing and changes nothing.
    ///
    /// # Errors
    /// When it is not there or cannot be reached.
    pub async fn open(address: &Address, options: &Options) -> std::result::Result<Self, NotLooked> {
        Ok(Self { db: Db::look(address, options).await? })
    }

    /// "sqlite" or "postgres".
    #[must_use]
    pub fn engine(&self) -> &'static str {
        self.db.engine()
    }

    /// How long the database takes to answer the smallest question, the way included: the middle one of five tries.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn round_trip(&self) -> Result<Duration> {
        let statement = sql!("SELECT CAST(1 AS " ["INTEGER" | "BIGINT"] ")");
        // The first one connects and prepares.
        let _: (i64,) = self.db.one(statement, ()).await?;
        let mut took = Vec::with_capacity(ROUND_TRIPS);
        for _ in 0..ROUND_TRIPS {
            let begun = Instant::now();
            let _: (i64,) = self.db.one(statement, ()).await?;
            took.push(begun.elapsed());
        }
        took.sort_unstable();
        Ok(took[ROUND_TRIPS / 2])
    }

    /// The database's clock, where it has one of its own; None on SQLite.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn database_time(&self) -> Result<Option<Timestamp>> {
        crate::database_time(&self.db).await
    }

    /// How its schema stands to this program's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn schema(&self) -> Result<Schema> {
        let is_there = sql!(
            "SELECT COUNT(*) FROM "["sqlite_master WHERE name = '_sqlx_migrations'"
                | "pg_class WHERE oid = to_regclass('_sqlx_migrations')"]
        );
        let (is_there,): (i64,) = self.db.one(is_there, ()).await?;
        if is_there == 0 {
            return Ok(Schema::Missing);
        }
        let statement = sql!("SELECT version, success, checksum FROM _sqlx_migrations ORDER BY version");
        let done: Vec<(i64, bool, Vec<u8>)> = self.db.all(statement, ()).await?;
        Ok(compare(&self.db.steps(), &done))
    }

    /// How many accounts the demo has made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn demo_accounts(&self) -> Result<i64> {
        let (count,): (i64,) = self.db.one(sql!("SELECT COUNT(*) FROM accounts WHERE demo = 1"), ()).await?;
        Ok(count)
    }

    /// What is special about an SQLite file; None on PostgreSQL.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn file(&self) -> Result<Option<File>> {
        if self.engine() != "sqlite" {
            return Ok(None);
        }
        let (version,): (String,) = self.db.one(sql!("SELECT "["sqlite_version()" | "version()"]), ()).await?;
        Ok(Some(File { version, journal_mode: self.db.journal_mode().await? }))
    }

    /// What SQLite finds wrong with its file, the first three lines of it; empty when nothing is, and on PostgreSQL. Reads all of the
    /// file.
    ///
    /// # Errors
    /// When it cannot be read at all.
    pub async fn damage(&self) -> Result<Vec<String>> {
        self.db.damage().await
    }

    /// Ends the connection.
    pub async fn close(self) {
        self.db.close().await;
    }
}

fn compare(ours: &[(i64, Vec<u8>)], done: &[(i64, bool, Vec<u8>)]) -> Schema {
    let last = |mut numbers: Vec<i64>| numbers.pop().unwrap_or(0);
    let wants = last(ours.iter().map(|(number, _)| *number).collect());
    let has = last(done.iter().map(|(number, ..)| *number).collect());
    let is_other = |(number, success, checksum): &&(i64, bool, Vec<u8>)| {
        !success || ours.iter().any(|(ours, expected)| ours == number && expected != checksum)
    };
    if let Some((number, ..)) = done.iter().find(is_other) {
        return Schema::Other(*number);
    }
    match has.cmp(&wants) {
        std::cmp::Ordering::Less => Schema::Older { has, wants },
        std::cmp::Ordering::Equal => Schema::Current(has),
        std::cmp::Ordering::Greater => Schema::Newer { has, knows: wants },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_older_newer_or_another_than_ours() {
        let ours = [(1, vec![1]), (2, vec![2])];
        let done = |last: i64| (1..=last).map(|number| (number, true, vec![number as u8])).collect::<Vec<_>>();
        assert_eq!(compare(&ours, &done(2)), Schema::Current(2));
        assert_eq!(compare(&ours, &done(1)), Schema::Older { has: 1, wants: 2 });
        assert_eq!(compare(&ours, &done(0)), Schema::Older { has: 0, wants: 2 });
        assert_eq!(compare(&ours, &done(3)), Schema::Newer { has: 3, knows: 2 });
        assert_eq!(compare(&ours, &[(1, true, vec![9])]), Schema::Other(1));
        assert_eq!(compare(&ours, &[(1, true, vec![1]), (2, false, vec![2])]), Schema::Other(2));
    }
}
