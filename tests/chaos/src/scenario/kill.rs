//! kill -9 of the server at random moments under load.

use crate::hall::{Engine, Furnishing, Hall, START, Setting};
use crate::{Chance, Keeper, Outcome, Result};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long the count of acknowledgements must stand still before what was heard before the kill is told from what comes
/// after it.
const STILL: Duration = Duration::from_millis(10);
/// The earliest and the latest moment of a kill after the server was ready.
const EARLIEST: Duration = Duration::from_millis(50);
const LATEST: Duration = Duration::from_millis(600);

/// How it is run.
#[derive(Debug, Clone, clap::Args)]
pub struct Kill {
    /// On which engine
    #[arg(long, value_enum, default_value_t = Engine::Sqlite)]
    pub engine: Engine,
    /// How many kills
    #[arg(long, default_value_t = 100)]
    pub cycles: u64,
    /// After how many kills everybody hands in and the ledger is held against the database
    #[arg(long, default_value_t = 50)]
    pub verify_every: u64,
    #[command(flatten)]
    #[expect(missing_docs, reason = "described by its type")]
    pub setting: Setting,
}

impl Kill {
    /// Runs it.
    ///
    /// # Errors
    /// When the run cannot be made.
    pub async fn run(&self) -> Result<Outcome> {
        let mut hall = Hall::open("kill", self.engine, &self.setting, Keeper::new()?, Furnishing::default()).await?;
        let mut done = 0;
        while done < self.cycles {
            let load = hall.load(&hall.server.address())?;
            let round = (self.cycles - done).min(self.verify_every.max(1));
            for _ in 0..round {
                done += 1;
                let wait = Chance::at(self.setting.seed, 1, done).between(EARLIEST, LATEST);
                sleep(wait).await;
                hall.server.kill().await?;
                hall.outcome.fault("kill -9");
                let before = load.acknowledged_at_rest(STILL, START).await;
                let from = Instant::now();
                let ready = hall.server.start(START).await?;
                hall.outcome.ready.add(ready);
                if !hall.recovers(&load, before, from).await {
                    // Nobody is left who would notice anything more.
                    done = self.cycles;
                    break;
                }
            }
            hall.end(load).await?;
            hall.say(&format!("{done} kills"));
        }
        hall.outcome.expect_back_within(self.setting.back_within());
        hall.close().await
    }
}
