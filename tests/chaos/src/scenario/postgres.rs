//! PostgreSQL restarted, crashed, cut off before it could answer, and away for a while.

use crate::hall::{Engine, FIRST_START, Furnishing, Hall, Load, START, Setting};
use crate::postgres::Stop;
use crate::proxy::{Flow, Weather, Wire};
use crate::{Chance, Keeper, Outcome, Result, ask};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const STILL: Duration = Duration::from_millis(20);
const POOL_MAX: u32 = 20;
/// After how many restarts the ledger is held against the database.
const VERIFY_EVERY: u64 = 10;
/// The share of PostgreSQL's answers that the server does not get while outcomes are made unknown.
const UNHEARD: f64 = 0.004;

/// How it is run.
#[derive(Debug, Clone, clap::Args)]
pub struct Postgres {
    /// How many restarts: in turn fast, immediate, kill -9 of the first process, kill -9 of one that serves us
    #[arg(long, default_value_t = 20)]
    pub restarts: u64,
    /// How long PostgreSQL is away at the end, such as 30s
    #[arg(long, default_value = "30s", value_parser = super::duration)]
    pub outage: Duration,
    /// For how long its answers are cut off now and then
    #[arg(long, default_value = "10s", value_parser = super::duration)]
    pub unheard: Duration,
    #[command(flatten)]
    #[expect(missing_docs, reason = "described by its type")]
    pub setting: Setting,
}

impl Postgres {
    /// Runs it.
    ///
    /// # Errors
    /// When the run cannot be made.
    pub async fn run(&self) -> Result<Outcome> {
        let variables = vec![("DB_POOL_MAX", POOL_MAX.to_string())];
        let furnishing = Furnishing { variables, ..Furnishing::default() };
        let mut hall = Hall::open("postgres", Engine::Postgres, &self.setting, Keeper::new()?, furnishing).await?;
        let census = hall.cluster()?.count_connections();
        let mut done = 0;
        while done < self.restarts {
            let load = hall.load(&hall.server.address())?;
            for _ in 0..(self.restarts - done).min(VERIFY_EVERY) {
                done += 1;
                if !self.restart(&mut hall, &load, done).await? {
                    done = self.restarts;
                    break;
                }
            }
            hall.end(load).await?;
            hall.say(&format!("{done} restarts"));
        }
        if !self.unheard.is_zero() {
            self.cut_answers(&mut hall).await?;
        }
        if !self.outage.is_zero() {
            self.be_away(&mut hall).await?;
        }
        hall.outcome.expect_connections(census.most(), POOL_MAX);
        hall.outcome.expect_back_within(self.setting.back_within());
        hall.close().await
    }

    async fn restart(&self, hall: &mut Hall, load: &Load, number: u64) -> Result<bool> {
        let wait =
            Chance::at(self.setting.seed, 2, number).between(Duration::from_millis(200), Duration::from_millis(1_500));
        sleep(wait).await;
        let (name, how) = match number % 4 {
            1 => ("stopped immediately", Some(Stop::Immediate)),
            2 => ("stopped fast", Some(Stop::Fast)),
            3 => ("kill -9", Some(Stop::Kill)),
            _ => ("kill -9 of a backend", None),
        };
        let cluster = hall.cluster()?;
        let (before, away) = if let Some(how) = how {
            cluster.stop(how).await?;
            let before = load.acknowledged_at_rest(STILL, START).await;
            (before, cluster.start().await?)
        } else {
            let had_one = cluster.kill_backend().await?;
            let away = cluster.wait_recovered().await?;
            if !had_one {
                hall.outcome.find("the server had no connection that could be killed");
            }
            // It may be back already: then no time has passed.
            (load.acknowledged(), away)
        };
        let from = Instant::now();
        hall.outcome.fault(name);
        let longest = u64::try_from(away.as_millis()).unwrap_or(u64::MAX);
        let known = hall.outcome.counts.entry("longest start of PostgreSQL in ms".into()).or_default();
        *known = longest.max(*known);
        Ok(hall.recovers(load, before, from).await)
    }

    /// The server asks for a commit, and the connection breaks before it is told what became of it.
    async fn cut_answers(&self, hall: &mut Hall) -> Result<()> {
        let wire = Wire::start(&hall.cluster()?.address(), self.setting.seed).await?;
        let (direct, through) = (hall.cluster()?.url(), hall.cluster()?.url_through(wire.port()));
        hall.server.stop(FIRST_START).await?;
        hall.server.set("DATABASE_URL", &through);
        hall.server.start(START).await?;
        let load = hall.load(&hall.server.address())?;
        let stormy = Weather { back: Flow::Cut(UNHEARD), ..Weather::calm() };
        let until = Instant::now() + self.unheard;
        while Instant::now() < until {
            wire.set(stormy);
            sleep(Duration::from_millis(400)).await;
            wire.set(Weather::calm());
            wire.cut_all();
            sleep(Duration::from_millis(100)).await;
        }
        wire.set(Weather::calm());
        let before = load.acknowledged();
        hall.recovers(&load, before, Instant::now()).await;
        hall.outcome.faults.insert("answers of PostgreSQL unheard".into(), wire.cuts());
        hall.end(load).await?;
        hall.server.stop(FIRST_START).await?;
        hall.server.set("DATABASE_URL", &direct);
        hall.server.start(START).await?;
        hall.say("answers unheard");
        Ok(())
    }

    async fn be_away(&self, hall: &mut Hall) -> Result<()> {
        let load = hall.load(&hall.server.address())?;
        sleep(Duration::from_millis(500)).await;
        hall.cluster()?.stop(Stop::Immediate).await?;
        hall.outcome.fault("outage");
        let before = load.acknowledged_at_rest(STILL * 5, START).await;
        let until = Instant::now() + self.outage;
        let probe = ask(&hall.server.address(), "GET", "/readyz", None, None, START).await;
        match probe.map(|answer| answer.status) {
            Ok(503) => {}
            Ok(status) => hall.outcome.find(format!("/readyz said {status} without a database")),
            Err(error) => hall.outcome.find(format!("/readyz without a database: {error}")),
        }
        tokio::time::sleep_until(until).await;
        let during = load.acknowledged() - before;
        if during > 0 {
            hall.outcome.find(format!("{during} operations were acknowledged without a database"));
        }
        hall.cluster()?.start().await?;
        hall.recovers(&load, before, Instant::now()).await;
        hall.end(load).await?;
        hall.say("outage");
        Ok(())
    }
}
