//! A PostgreSQL cluster of our own, which may be hurt. The server that other tests use is never touched.

use crate::child::send;
use crate::{Child, Doing, Error, Keeper, Result, port};
use rustix::process::Signal;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

const TRY_EVERY: Duration = Duration::from_millis(5);
const COUNT_EVERY: Duration = Duration::from_millis(50);
/// How long a cluster may take to start or stop.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a running cluster is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Connections are ended, then it writes everything down: `pg_ctl stop -m fast`.
    Fast,
    /// Connections break and nothing is written down: `pg_ctl stop -m immediate`.
    Immediate,
    /// kill -9 of the first process. Its children notice and end.
    Kill,
}

/// A cluster in a folder of its own, on a port of its own, with fsync on.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    child: Option<Child>,
    /// The application's, once it is made.
    database: &'static str,
    keeper: Arc<Keeper>,
}

impl Cluster {
    /// Makes a cluster with so many connections at most and starts it.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, or fails.
    pub async fn create(keeper: &Arc<Keeper>, max_connections: u32) -> Result<Self> {
        let folder = keeper.folder().join("postgres");
        std::fs::create_dir(&folder).doing("making a folder for PostgreSQL")?;
        if is_root() {
            let status = Command::new("chown").arg("postgres:").arg(&folder).status().doing("starting chown")?;
            if !status.success() {
                return Err(Error::new("there is no user postgres"));
            }
        }
        let mut cluster =
            Self { folder, port: port::free()?, child: None, database: "postgres", keeper: Arc::clone(keeper) };
        let mut command = cluster.program("initdb")?;
        command.args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]);
        command.arg("--pgdata").arg(cluster.data());
        let output = command.output().doing("starting initdb")?;
        if !output.status.success() {
            return Err(Error::new(format!("initdb: {}", String::from_utf8_lossy(&output.stderr))));
        }
        let settings = format!(
            "listen_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = '{}'\nmax_connections = {max_connections}\n\
             fsync = on\nsynchronous_commit = on\nfull_page_writes = on\n",
            cluster.port,
            cluster.folder.display()
        );
        let file = cluster.data().join("postgresql.auto.conf");
        std::fs::write(&file, settings).doing("writing PostgreSQL's settings")?;
        cluster.start().await?;
        // An ordinary role, which gets none of the connections that are kept for administrators.
        cluster.run("CREATE ROLE examhall LOGIN; CREATE ROLE chaos LOGIN").await?.close().await?;
        cluster.run("CREATE DATABASE examhall OWNER examhall").await?.close().await?;
        cluster.database = "examhall";
        Ok(cluster)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// A program of PostgreSQL, which refuses to run as root.
    fn program(&self, name: &str) -> Result<Command> {
        let path = newest_programs()?.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        // A folder that user postgres may enter, which ours need not be.
        command.current_dir(&self.folder).stdin(Stdio::null());
        Ok(command)
    }

    /// The address of the application's database, as `DATABASE_URL` takes it.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_through(self.port)
    }

    /// The same by way of another port, such as a proxy's.
    #[must_use]
    pub fn url_through(&self, port: u16) -> String {
        format!("postgres://examhall@127.0.0.1:{port}/examhall?sslmode=disable")
    }

    /// `127.0.0.1:port`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What it has logged, over all starts.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// Starts it and waits until it takes connections; how long that took.
    ///
    /// # Errors
    /// When it runs already, or does not start.
    pub async fn start(&mut self) -> Result<Duration> {
        let from = Instant::now();
        loop {
            self.spawn()?;
            if self.wait_ready(from).await? {
                return Ok(from.elapsed());
            }
            // Children of one that was killed may still hold its memory: they end by themselves.
            if from.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(self.log()).unwrap_or_default();
                let words = log.lines().rev().take(5).collect::<Vec<_>>().join("\n");
                return Err(Error::new(format!("PostgreSQL does not start: {words}")));
            }
            sleep(TRY_EVERY * 4).await;
        }
    }

    fn spawn(&mut self) -> Result<()> {
        if self.child.is_some() {
            return Err(Error::new("PostgreSQL runs already"));
        }
        let log = OpenOptions::new().create(true).append(true).open(self.log()).doing("opening PostgreSQL's log")?;
        let mut command = self.program("postgres")?;
        command.arg("-D").arg(self.data()).stdout(Stdio::null()).stderr(log);
        self.child = Some(Child::start(command, &self.keeper)?);
        Ok(())
    }

    /// Whether it takes connections; false when it has ended instead.
    async fn wait_ready(&mut self, from: Instant) -> Result<bool> {
        loop {
            if let Ok(Ok(connection)) = timeout(Duration::from_secs(5), self.connect()).await {
                // It is of no use any more, and the answer is known.
                let _ = connection.close().await;
                return Ok(true);
            }
            let child = self.child.as_mut().ok_or_else(|| Error::new("PostgreSQL does not run"))?;
            if child.ended()?.is_some() {
                self.child = None;
                return Ok(false);
            }
            if from.elapsed() > PATIENCE {
                return Err(Error::new("PostgreSQL takes no connections"));
            }
            sleep(TRY_EVERY).await;
        }
    }

    /// Stops it.
    ///
    /// # Errors
    /// When it does not run, or does not stop.
    pub async fn stop(&mut self, how: Stop) -> Result<()> {
        let mut child = self.child.take().ok_or_else(|| Error::new("PostgreSQL does not run"))?;
        match how {
            Stop::Fast => child.signal(Signal::INT)?,
            Stop::Immediate => child.signal(Signal::QUIT)?,
            Stop::Kill => child.signal(Signal::KILL)?,
        }
        child.wait(PATIENCE).await?;
        Ok(())
    }

    /// Stops and starts it; how long it was away.
    ///
    /// # Errors
    /// When it does not stop or start.
    pub async fn restart(&mut self, how: Stop) -> Result<Duration> {
        let from = Instant::now();
        self.stop(how).await?;
        self.start().await?;
        Ok(from.elapsed())
    }

    /// kill -9 of one process that serves the application; PostgreSQL then ends all others and recovers. False when there is
    /// none.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn kill_backend(&self) -> Result<bool> {
        let mut connection = self.connect().await?;
        let ids: Vec<(i32,)> = sqlx::query_as(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'examhall' ORDER BY query_start DESC LIMIT 1",
        )
        .fetch_all(&mut connection)
        .await?;
        match ids.first().and_then(|(id,)| u32::try_from(*id).ok()) {
            Some(id) => send(id, Signal::KILL).map(|()| true),
            None => Ok(false),
        }
    }

    /// Waits until it takes connections again by itself; how long that took.
    ///
    /// # Errors
    /// When it does not.
    pub async fn wait_recovered(&mut self) -> Result<Duration> {
        let from = Instant::now();
        if self.wait_ready(from).await? {
            Ok(from.elapsed())
        } else {
            Err(Error::new("PostgreSQL has ended by itself"))
        }
    }

    /// Stops every process of it as a debugger would: connections stay open and nothing answers.
    ///
    /// # Errors
    /// When it does not run.
    pub fn freeze(&self) -> Result<()> {
        let child = self.child.as_ref().ok_or_else(|| Error::new("PostgreSQL does not run"))?;
        // The first one, so that it starts no others meanwhile.
        child.signal(Signal::STOP)?;
        self.to_children(child, Signal::STOP)
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// When it does not run.
    pub fn thaw(&self) -> Result<()> {
        let child = self.child.as_ref().ok_or_else(|| Error::new("PostgreSQL does not run"))?;
        self.to_children(child, Signal::CONT)?;
        child.signal(Signal::CONT)
    }

    fn to_children(&self, child: &Child, signal: Signal) -> Result<()> {
        for id in child.children()? {
            // One may have ended since.
            let _ = send(id, signal);
        }
        Ok(())
    }

    /// A connection of our own, with all rights.
    ///
    /// # Errors
    /// When there is none.
    pub async fn connect(&self) -> Result<PgConnection> {
        let options = self.connection("postgres").database(self.database);
        Ok(PgConnection::connect_with(&options).await?)
    }

    fn connection(&self, role: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(self.port)
            .username(role)
            .database("examhall")
            .ssl_mode(PgSslMode::Disable)
            .application_name("chaos")
            .disable_statement_logging()
    }

    /// Runs statements on a connection of our own, which is given back: what it holds lasts until it is closed.
    ///
    /// # Errors
    /// When one fails.
    pub async fn run(&self, sql: &str) -> Result<PgConnection> {
        let mut connection = self.connect().await?;
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await?;
        Ok(connection)
    }

    /// Locks a table against everybody. The lock lasts until the connection is closed.
    ///
    /// # Errors
    /// When there is no such table, or it cannot be had within 10 s.
    pub async fn lock_table(&self, table: &str) -> Result<PgConnection> {
        self.run(&format!("SET lock_timeout = '10s'; BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")).await
    }

    /// Makes every row written to a table take so long, until it is called with zero.
    ///
    /// # Errors
    /// When there is no such table, or it cannot be changed within 10 s.
    pub async fn delay_writes(&self, table: &str, delay: Duration) -> Result<()> {
        let seconds = delay.as_secs_f64();
        let trigger = if delay.is_zero() {
            String::new()
        } else {
            format!(
                "CREATE FUNCTION chaos_delay() RETURNS trigger LANGUAGE plpgsql AS \
                 'BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END'; \
                 CREATE TRIGGER chaos_delay AFTER INSERT OR UPDATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION chaos_delay();"
            )
        };
        let sql = format!(
            "SET lock_timeout = '10s'; SET client_min_messages = warning; BEGIN; DROP TRIGGER IF EXISTS chaos_delay ON {table}; \
             DROP FUNCTION IF EXISTS chaos_delay(); {trigger} COMMIT"
        );
        self.run(&sql).await?.close().await?;
        Ok(())
    }

    /// Has every commit wait for a standby that is not there, until it is called with false.
    ///
    /// # Errors
    /// When the setting cannot be changed.
    pub async fn require_standby(&self, required: bool) -> Result<()> {
        let standby = if required { "nobody" } else { "" };
        // Neither may be part of a transaction.
        let mut connection = self.run(&format!("ALTER SYSTEM SET synchronous_standby_names = '{standby}'")).await?;
        sqlx::raw_sql("SELECT pg_reload_conf()").execute(&mut connection).await?;
        Ok(connection.close().await?)
    }

    /// Takes all connections that are left but those kept for administrators; they are free again when the list is dropped.
    pub async fn take_connections(&self) -> Vec<PgConnection> {
        let mut taken = Vec::new();
        // Not as an administrator, who would get the reserved ones as well.
        let options = self.connection("chaos");
        while let Ok(connection) = PgConnection::connect_with(&options).await {
            taken.push(connection);
        }
        taken
    }

    /// Ends all connections of the application.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn end_connections(&self) -> Result<()> {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'examhall'";
        self.run(sql).await?.close().await?;
        Ok(())
    }

    /// Begins to count the application's connections, some twenty times a second, also over restarts.
    #[must_use]
    pub fn count_connections(&self) -> Census {
        let most = Arc::new(AtomicU32::new(0));
        let task = tokio::spawn(count_connections(self.connection("postgres"), Arc::clone(&most)));
        Census { most, task }
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// The most connections that the application was seen with.
#[derive(Debug)]
pub struct Census {
    most: Arc<AtomicU32>,
    task: JoinHandle<()>,
}

impl Census {
    /// So far.
    #[must_use]
    pub fn most(&self) -> u32 {
        self.most.load(Ordering::Relaxed)
    }
}

impl Drop for Census {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn count_connections(options: PgConnectOptions, most: Arc<AtomicU32>) {
    loop {
        // Away while PostgreSQL is; then it is looked for again.
        if let Ok(mut connection) = PgConnection::connect_with(&options).await {
            let count = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'examhall'";
            while let Ok((count,)) = sqlx::query_as::<_, (i64,)>(count).fetch_one(&mut connection).await {
                most.fetch_max(u32::try_from(count).unwrap_or(u32::MAX), Ordering::Relaxed);
                sleep(COUNT_EVERY).await;
            }
        }
        sleep(COUNT_EVERY).await;
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Debian keeps the server's programs off the PATH, in a folder per version.
fn newest_programs() -> Result<PathBuf> {
    let version = |path: &Path| path.file_name().and_then(|name| name.to_str()?.parse::<f64>().ok());
    let folders = std::fs::read_dir("/usr/lib/postgresql").doing("looking for PostgreSQL in /usr/lib/postgresql")?;
    let newest = folders.flatten().map(|entry| entry.path()).filter_map(|path| Some((version(&path)?, path)));
    let newest = newest.max_by(|one, other| one.0.total_cmp(&other.0));
    newest.map(|(_, path)| path.join("bin")).ok_or_else(|| Error::new("PostgreSQL is not installed"))
}
