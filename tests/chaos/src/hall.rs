//! What every scenario needs: a server on a fresh database, an exam, candidates with sessions, load, and the check at the end.

use crate::person::wall_clock;
use crate::postgres::Cluster;
use crate::{Doing, Error, Keeper, Outcome, Result, Server, ask};
use exam::time::Timestamp;
use rehearse::ledger;
use rehearse::plan::{Plan, PreparedSession, Retry, Sessions, Think};
use rehearse::progress::Progress;
use rehearse::report::Report;
use rehearse::verify::verify;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use store::{Address, Store};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, timeout};

/// How long a server may take to start the first time, with its schema.
pub const FIRST_START: Duration = Duration::from_secs(60);
/// How long it may take later, before the run is given up. What was promised is less.
pub const START: Duration = Duration::from_secs(20);
/// How long a single question may take.
pub const ANSWER: Duration = Duration::from_secs(30);
/// How long candidates may take to hand in at the end of a round.
const LAST_HAND_IN: Duration = Duration::from_secs(120);
/// How many candidates sign up at once: each costs a password hash.
const SIGN_UPS: usize = 4;
/// How often counters are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// The exam that is sat under load: as many attempts as one likes, two hours each.
pub const EXAM: &str = "chaos";
const BANK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/cloud-fundamentals.examhall.json");
const QUESTIONS: &str = "20";

/// A database engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Engine {
    /// The embedded one.
    Sqlite,
    /// A PostgreSQL cluster of our own.
    Postgres,
}

impl Engine {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// What all scenarios have in common.
#[derive(Debug, Clone, clap::Args)]
pub struct Setting {
    /// What repeats the run
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many virtual candidates make the load
    #[arg(long, default_value_t = 30)]
    pub users: usize,
    /// Seconds within which the first save must be acknowledged again once a fault is over
    #[arg(long, default_value_t = 2.0)]
    pub back_within: f64,
    /// Switch a protection of the server off (debug builds only): the run must then fail
    #[arg(long)]
    pub control: Option<String>,
    /// Keep databases, logs and ledgers, and say where they are
    #[arg(long)]
    pub keep: bool,
}

impl Default for Setting {
    fn default() -> Self {
        Self { seed: 1, users: 30, back_within: 2.0, control: None, keep: false }
    }
}

impl Setting {
    /// [`Setting::back_within`] as a time.
    #[must_use]
    pub fn back_within(&self) -> Duration {
        Duration::from_secs_f64(self.back_within)
    }
}

/// The hall of one scenario.
#[derive(Debug)]
pub struct Hall {
    /// What must not stay behind. Dropped last.
    pub keeper: Arc<Keeper>,
    /// The server under test, running.
    pub server: Server,
    /// Its database server, if it has one.
    pub cluster: Option<Cluster>,
    /// What was found.
    pub outcome: Outcome,
    setting: Setting,
    address: Address,
    tokens: Vec<String>,
    rounds: u64,
    began: Instant,
}

/// How a hall is made.
#[derive(Debug, Clone, Default)]
pub struct Furnishing {
    /// Further variables of the server.
    pub variables: Vec<(&'static str, String)>,
    /// The folder of the embedded database, when it is not to be just any.
    pub data_dir: Option<PathBuf>,
    /// The most connections of the cluster; 0 for PostgreSQL's own default.
    pub max_connections: u32,
}

impl Hall {
    /// Makes an exam and starts the server on it, with candidates who are signed in.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn open(
        scenario: &str,
        engine: Engine,
        setting: &Setting,
        keeper: Arc<Keeper>,
        furnishing: Furnishing,
    ) -> Result<Self> {
        let began = Instant::now();
        if setting.keep {
            keeper.keep_folder()?;
            println!("everything stays in {}", keeper.folder().display());
        }
        let mut outcome = Outcome::new(scenario, engine.name(), setting.seed);
        outcome.control.clone_from(&setting.control);
        let mut variables = furnishing.variables;
        let (cluster, address) = match engine {
            Engine::Sqlite => {
                let folder = furnishing.data_dir.unwrap_or_else(|| keeper.folder().join("data"));
                variables.push(("DATA_DIR", folder.to_string_lossy().into_owned()));
                (None, Address::Sqlite(folder.join("examhall.db")))
            }
            Engine::Postgres => {
                let most = if furnishing.max_connections == 0 { 100 } else { furnishing.max_connections };
                let cluster = Cluster::create(&keeper, most).await?;
                let url = cluster.url();
                variables.push(("DATABASE_URL", url.clone()));
                (Some(cluster), Address::Postgres(url))
            }
        };
        if let Some(control) = &setting.control {
            variables.push(("EXAMHALL_CONTROL", control.clone()));
        }
        let server = Server::new(&keeper, &variables)?;
        server.run(&["import", BANK, "--bank", "chaos"])?;
        let mut hall = Self {
            keeper,
            server,
            cluster,
            outcome,
            setting: setting.clone(),
            address,
            tokens: Vec::new(),
            rounds: 0,
            began,
        };
        hall.make_exam(EXAM, "2h")?;
        hall.server.start(FIRST_START).await?;
        hall.tokens = hall.sign_up("candidate", setting.users).await?;
        Ok(hall)
    }

    /// Makes and publishes an exam over the bank, without a limit of attempts.
    ///
    /// # Errors
    /// When the command fails.
    pub fn make_exam(&self, slug: &str, time_limit: &str) -> Result<()> {
        let settings = ["--bank", "chaos", "--questions", QUESTIONS, "--time-limit", time_limit, "--pass", "60"];
        let named = ["exam", "create", "--slug", slug, "--title", slug];
        self.server.run(&[named.as_slice(), settings.as_slice()].concat())?;
        self.server.run(&["exam", "publish", slug])?;
        Ok(())
    }

    /// Makes accounts; the tokens of their sessions.
    ///
    /// # Errors
    /// When one cannot be made.
    pub async fn sign_up(&self, name: &str, count: usize) -> Result<Vec<String>> {
        let mut numbers = 0..count;
        let mut under_way = JoinSet::new();
        let mut tokens = Vec::with_capacity(count);
        loop {
            while under_way.len() < SIGN_UPS
                && let Some(number) = numbers.next()
            {
                under_way.spawn(sign_up_one(self.server.address(), format!("{name}-{number}")));
            }
            let Some(token) = under_way.join_next().await else { return Ok(tokens) };
            tokens.push(token.doing("signing up")??);
        }
    }

    /// Waits for the first acknowledgement beyond `before` and notes how long after `from` it came. False when none comes,
    /// which is a finding.
    pub async fn recovers(&mut self, load: &Load, before: u64, from: Instant) -> bool {
        if load.acknowledged_after(before, START).await.is_some() {
            self.outcome.first_save.add(from.elapsed());
            return true;
        }
        let (standing, words) = (load.progress.standing(), self.server.last_words());
        let left =
            if standing.left > 0 { format!(" ({} candidates have given up)", standing.left) } else { String::new() };
        self.outcome.find(format!("no save within {} ms after the fault{left}: {words}", START.as_millis()));
        false
    }

    /// Says how far the run is.
    pub fn say(&self, stage: &str) {
        let (acknowledged, findings) = (self.outcome.acknowledged, self.outcome.finding_count);
        println!("{:>4} s  {stage}: {acknowledged} acknowledged, {findings} findings", self.began.elapsed().as_secs());
    }

    /// The tokens of the candidates.
    #[must_use]
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// A ledger of its own, for candidates that the scenario plays itself, with its path.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn ledger(&mut self) -> Result<(Arc<ledger::Writer>, PathBuf)> {
        self.rounds += 1;
        let path = self.keeper.folder().join(format!("ledger-{}", self.rounds));
        Ok((Arc::new(ledger::Writer::open(&path).doing("opening the ledger")?), path))
    }

    /// The database of the embedded engine.
    ///
    /// # Errors
    /// On PostgreSQL.
    pub fn sqlite_file(&self) -> Result<&Path> {
        match &self.address {
            Address::Sqlite(file) => Ok(file),
            Address::Postgres(_) => Err(Error::new("the database is not embedded")),
        }
    }

    /// The cluster.
    ///
    /// # Errors
    /// On SQLite.
    pub fn cluster(&mut self) -> Result<&mut Cluster> {
        self.cluster.as_mut().ok_or_else(|| Error::new("the database is embedded"))
    }

    /// What all scenarios have in common.
    #[must_use]
    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    /// Lets all candidates sit one exam after another without a pause, through `address`, until the load is ended.
    ///
    /// # Errors
    /// When the ledger cannot be opened.
    pub fn load(&mut self, address: &str) -> Result<Load> {
        self.load_with(address, |_| {})
    }

    /// [`Hall::load`] with changes to the plan.
    ///
    /// # Errors
    /// When the ledger cannot be opened.
    pub fn load_with(&mut self, address: &str, change: impl FnOnce(&mut Plan)) -> Result<Load> {
        let (ledger, path) = self.ledger()?;
        let target = format!("http://{address}").parse().doing("the server's address")?;
        let sessions = self.tokens.iter().map(|token| PreparedSession { token: token.clone() }).collect();
        // The same seed would ask for the same attempts again.
        let seed = self.setting.seed.wrapping_mul(1_000_003).wrapping_add(self.rounds);
        let mut plan = Plan::new(target, EXAM, self.tokens.len(), Sessions::Prepared(sessions), seed);
        plan.think = Think::Zero;
        plan.arrivals = Duration::ZERO;
        plan.duration = Duration::from_secs(24 * 3_600);
        plan.replay = 0.02;
        plan.retry = Retry {
            first: Duration::from_millis(20),
            longest: Duration::from_millis(200),
            give_up_after: Duration::from_secs(180),
            answer_within: Duration::from_secs(10),
        };
        change(&mut plan);
        let progress = Progress::new();
        let run = tokio::spawn(rehearse::run(plan, Arc::clone(&ledger), Arc::clone(&progress)));
        Ok(Load { progress, ledger, path, run })
    }

    /// Lets everybody hand in, and holds the ledger against the database. The server must be running.
    ///
    /// # Errors
    /// When candidates cannot hand in, or nothing can be said.
    pub async fn end(&mut self, load: Load) -> Result<Report> {
        load.progress.hand_in();
        let report = match timeout(LAST_HAND_IN, load.run).await {
            Ok(report) => report.doing("rehearsing")?,
            Err(_) => {
                return Err(Error::new(format!("candidates do not come to an end: {}", self.server.last_words())));
            }
        };
        load.ledger.finish().map_err(Error::new)?;
        self.outcome.add_report(&report);
        self.check(&load.path).await?;
        Ok(report)
    }

    /// Holds a ledger against the database.
    ///
    /// # Errors
    /// When either cannot be read.
    pub async fn check(&mut self, ledger: &Path) -> Result<()> {
        let options = store::Options { pool_min: 0, pool_max: 2, ..store::Options::default() };
        let store = Store::open(&self.address, &options).await?;
        let verdict = verify(&store, ledger, Timestamp(wall_clock())).await;
        store.close().await;
        self.outcome.add_verdict(&verdict.doing("verifying")?);
        Ok(())
    }

    /// Stops everything and gives what was found. On the embedded database its own checks are made as well.
    ///
    /// # Errors
    /// When the server does not stop, or the database cannot be read.
    pub async fn close(mut self) -> Result<Outcome> {
        if self.server.is_running()? && !self.server.stop(Duration::from_secs(60)).await? {
            self.outcome.find(format!("the server did not stop in order: {}", self.server.last_words()));
        }
        if let Address::Sqlite(file) = &self.address {
            for finding in sqlite_problems(file).await? {
                self.outcome.find(finding);
            }
        }
        self.outcome.expect_work();
        self.outcome.seconds = self.began.elapsed().as_secs();
        Ok(self.outcome)
    }
}

/// What SQLite says about its own file.
async fn sqlite_problems(file: &Path) -> Result<Vec<String>> {
    use sqlx::Connection as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await?;
    let rows: Vec<(String,)> = sqlx::query_as("PRAGMA integrity_check").fetch_all(&mut connection).await?;
    let mut problems: Vec<String> = rows.into_iter().map(|(row,)| row).filter(|row| row != "ok").collect();
    let dangling: Vec<(String,)> =
        sqlx::query_as("SELECT DISTINCT \"table\" FROM pragma_foreign_key_check").fetch_all(&mut connection).await?;
    problems.extend(dangling.into_iter().map(|(table,)| format!("rows of {table} refer to rows that are not there")));
    connection.close().await?;
    Ok(problems)
}

async fn sign_up_one(address: String, name: String) -> Result<String> {
    let body = json!({"email": format!("{name}@example.org"), "name": name, "password": "correct horse battery"});
    let answer = ask(&address, "POST", "/api/v1/accounts", None, Some(&body), ANSWER).await?;
    let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split_once('=')?.1.split(';').next());
    match (answer.status, cookie) {
        (201, Some(token)) => Ok(token.to_owned()),
        (status, _) => Err(Error::new(format!("signing {name} up: {status} {}", answer.json()))),
    }
}

/// Virtual candidates at work.
#[derive(Debug)]
pub struct Load {
    /// How they stand.
    pub progress: Arc<Progress>,
    ledger: Arc<ledger::Writer>,
    path: PathBuf,
    run: JoinHandle<Report>,
}

impl Load {
    /// How many operations were acknowledged.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.progress.standing().acknowledged
    }

    /// Waits until one more is acknowledged than `before`; how long that took. None after `limit`.
    pub async fn acknowledged_after(&self, before: u64, limit: Duration) -> Option<Duration> {
        let from = Instant::now();
        while self.acknowledged() <= before {
            if from.elapsed() > limit {
                return None;
            }
            sleep(LOOK_EVERY).await;
        }
        Some(from.elapsed())
    }

    /// The count of acknowledged operations once it has stood still for a moment, as it does when nobody answers.
    pub async fn acknowledged_at_rest(&self, still: Duration, limit: Duration) -> u64 {
        let from = Instant::now();
        let (mut count, mut since) = (self.acknowledged(), Instant::now());
        while since.elapsed() < still && from.elapsed() < limit {
            sleep(LOOK_EVERY).await;
            let now = self.acknowledged();
            if now != count {
                (count, since) = (now, Instant::now());
            }
        }
        count
    }
}
