//! A fresh database per test: a folder for SQLite, a schema for PostgreSQL. Both go away with the test, and what a killed
//! run leaves behind is swept by `./test`, which knows it by the process id in its name.

use crate::{Engine, Raw};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use store::{Address, Options, Store};

const DEFAULT_POSTGRES: &str = "postgres://postgres@127.0.0.1:5432/test?sslmode=disable";

/// The store on a fresh database that vanishes with it.
#[derive(Debug)]
pub struct TestStore {
    store: Store,
    engine: Engine,
    address: Address,
    _place: Place,
}

impl Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

/// The store on a fresh database of an engine.
///
/// # Panics
/// When the database cannot be made. A PostgreSQL that does not answer fails the test: half a run is no run.
pub async fn fresh_store(engine: Engine) -> TestStore {
    let (address, place) = match engine {
        Engine::Sqlite => {
            let folder = Folder::new();
            (Address::Sqlite(folder.path().join("examhall.db")), Place::Folder(folder))
        }
        Engine::Postgres => {
            let schema = Schema::create().await;
            (Address::Postgres(schema.url()), Place::Schema(schema))
        }
    };
    let store = Store::open(&address, &few_connections()).await.expect("a fresh database opens");
    TestStore { store, engine, address, _place: place }
}

/// Pools so small that all tests at once stay below PostgreSQL's 100 connections.
fn few_connections() -> Options {
    Options {
        pool_min: 0,
        pool_max: 8,
        connect_timeout: Duration::from_secs(20),
        statement_timeout: Duration::from_secs(20),
        ..Options::default()
    }
}

/// The options of test stores with other timeouts, for [`TestStore::second_process`].
#[must_use]
pub fn patient(connect_timeout: Duration, statement_timeout: Duration) -> Options {
    Options { connect_timeout, statement_timeout, ..few_connections() }
}

impl TestStore {
    /// The store itself, to be moved into tasks.
    #[must_use]
    pub fn handle(&self) -> Store {
        self.store.clone()
    }

    /// Which engine this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Where the database is: `DATABASE_URL` of a server, or the file in its `DATA_DIR`.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The store as a second process has it: with connections of its own.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn second_process(&self) -> Store {
        self.second_process_with(few_connections()).await
    }

    /// [`TestStore::second_process`] with options of the test's choice.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn second_process_with(&self, options: Options) -> Store {
        Store::open(&self.address, &options).await.expect("a database that is open opens again")
    }

    /// A connection that is not the store's.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn raw(&self) -> Raw {
        Raw::open(&self.address).await.expect("the store has opened this database")
    }

    /// Keeps every writer of answers waiting until the transaction ends.
    ///
    /// # Panics
    /// When somebody else holds the table.
    pub async fn keep_writers_waiting(&self) -> Raw {
        let mut raw = self.raw().await;
        let statement = match self.engine() {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN; LOCK TABLE answer_operations IN ACCESS EXCLUSIVE MODE",
        };
        raw.execute(statement).await.expect("nobody else holds it");
        raw
    }
}

/// What is removed when the test is over.
#[derive(Debug)]
enum Place {
    Folder(#[expect(dead_code, reason = "kept for its Drop")] Folder),
    Schema(#[expect(dead_code, reason = "kept for its Drop")] Schema),
}

/// `examhall_test_<process>_<number>`: unique on this machine, and its owner can be told from it.
fn unique_name() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    format!("examhall_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// An empty folder that vanishes when it is dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes one.
    ///
    /// # Panics
    /// When the folder for temporary files takes none.
    #[must_use]
    pub fn new() -> Self {
        let path = std::env::temp_dir().join(unique_name());
        // Of a killed process that had the same id.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("the folder for temporary files takes another one");
        Self(path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} is left behind: {error}", self.0.display());
        }
    }
}

/// The PostgreSQL of tests: the one that `TEST_POSTGRES` names, else this machine's.
#[must_use]
pub fn postgres_url() -> String {
    std::env::var("TEST_POSTGRES").unwrap_or_else(|_| DEFAULT_POSTGRES.to_owned())
}

/// A schema that is dropped with the value.
#[derive(Debug)]
struct Schema {
    server: String,
    name: String,
}

impl Schema {
    async fn create() -> Self {
        let schema = Self { server: postgres_url(), name: unique_name() };
        let made = schema.run(&format!("DROP SCHEMA IF EXISTS {0} CASCADE; CREATE SCHEMA {0}", schema.name)).await;
        if let Err(error) = made {
            panic!(
                "no PostgreSQL for tests at {}: {error}\n\
                 ./test starts one; by hand: pg_ctlcluster 15 main start, then createdb -h 127.0.0.1 -U postgres test. \
                 TEST_POSTGRES names another one.",
                schema.server
            );
        }
        schema
    }

    fn url(&self) -> String {
        let separator = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{separator}options[search_path]={}", self.server, self.name)
    }

    async fn run(&self, sql: &str) -> sqlx::Result<()> {
        let mut connection = PgConnection::connect(&self.server).await?;
        // Dropping waits for transactions that a panicking test has left; not for ever.
        let sql = format!("SET lock_timeout = '10s'; SET client_min_messages = warning; {sql}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
        connection.close().await
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        // A runtime of its own: the test's may be the one that is going down.
        std::thread::scope(|scope| {
            let dropped = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let sql = format!("DROP SCHEMA {} CASCADE", self.name);
                runtime.map_err(sqlx::Error::Io).and_then(|runtime| runtime.block_on(self.run(&sql)))
            });
            if let Ok(Err(error)) = dropped.join() {
                eprintln!("schema {} is left behind: {error}", self.name);
            }
        });
    }
}
