//! PostgreSQL slow, frozen, locked, out of connections, and without its standby.

use crate::hall::{Engine, Furnishing, Hall, Load, Setting};
use crate::{Keeper, Outcome, Result, ask};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const POOL_MAX: u32 = 20;
const CONNECTIONS: u32 = 40;
/// How long each write takes while PostgreSQL is slow.
const DELAY: Duration = Duration::from_millis(300);
/// The table that every save writes to.
const TABLE: &str = "answer_operations";
/// How long the standby is away: longer than the writer gives any transaction, so that each has been given up once.
const STANDBY_AWAY: Duration = Duration::from_secs(7);
/// How long what was committed before may still be on its way to whoever is told.
const ON_THE_WAY: Duration = Duration::from_millis(500);
/// How long a page that needs no database may take meanwhile.
const ALIVE: Duration = Duration::from_secs(2);

/// How it is run.
#[derive(Debug, Clone, clap::Args)]
pub struct Slow {
    /// How long each trouble lasts, such as 5s
    #[arg(long, default_value = "5s", value_parser = super::duration)]
    pub trouble: Duration,
    /// How often all of them come in turn
    #[arg(long, default_value_t = 2)]
    pub rounds: u64,
    #[command(flatten)]
    #[expect(missing_docs, reason = "described by its type")]
    pub setting: Setting,
}

impl Slow {
    /// Runs it.
    ///
    /// # Errors
    /// When the run cannot be made.
    pub async fn run(&self) -> Result<Outcome> {
        let variables = vec![("DB_POOL_MAX", POOL_MAX.to_string())];
        let furnishing = Furnishing { variables, max_connections: CONNECTIONS, ..Furnishing::default() };
        let mut hall = Hall::open("slow", Engine::Postgres, &self.setting, Keeper::new()?, furnishing).await?;
        let census = hall.cluster()?.count_connections();
        for round in 1..=self.rounds {
            let load = hall.load(&hall.server.address())?;
            sleep(Duration::from_millis(500)).await;

            hall.cluster()?.delay_writes(TABLE, DELAY).await?;
            self.wait(&mut hall, "slow writes").await;
            hall.cluster()?.delay_writes(TABLE, Duration::ZERO).await?;
            recovered(&mut hall, &load).await;

            hall.cluster()?.freeze()?;
            self.wait(&mut hall, "frozen").await;
            hall.cluster()?.thaw()?;
            recovered(&mut hall, &load).await;

            let lock = hall.cluster()?.lock_table(TABLE).await?;
            self.wait(&mut hall, "locked table").await;
            drop(lock);
            recovered(&mut hall, &load).await;

            hall.cluster()?.end_connections().await?;
            let taken = hall.cluster()?.take_connections().await;
            self.wait(&mut hall, "no connections left").await;
            drop(taken);
            recovered(&mut hall, &load).await;

            hall.cluster()?.require_standby(true).await?;
            sleep(ON_THE_WAY).await;
            let before = load.acknowledged();
            hall.outcome.fault("standby away");
            sleep(STANDBY_AWAY).await;
            let meanwhile = load.acknowledged() - before;
            if meanwhile > 0 {
                hall.outcome.find(format!("{meanwhile} answers were acknowledged that are on one machine only"));
            }
            hall.cluster()?.require_standby(false).await?;
            recovered(&mut hall, &load).await;

            hall.end(load).await?;
            hall.say(&format!("round {round}"));
        }
        hall.outcome.expect_connections(census.most(), POOL_MAX);
        hall.outcome.expect_back_within(self.setting.back_within());
        hall.close().await
    }

    /// Lets the trouble last, and sees that the server is alive meanwhile.
    async fn wait(&self, hall: &mut Hall, name: &str) {
        hall.outcome.fault(name);
        let until = Instant::now() + self.trouble;
        sleep(self.trouble / 2).await;
        let alive = ask(&hall.server.address(), "GET", "/healthz", None, None, ALIVE).await;
        if !alive.as_ref().is_ok_and(|answer| answer.status == 200) {
            hall.outcome.find(format!("{name}: /healthz did not say 200 within {} ms", ALIVE.as_millis()));
        }
        tokio::time::sleep_until(until).await;
    }
}

async fn recovered(hall: &mut Hall, load: &Load) {
    hall.recovers(load, load.acknowledged(), Instant::now()).await;
    // Until all that waited has had its turn.
    sleep(Duration::from_millis(500)).await;
}
