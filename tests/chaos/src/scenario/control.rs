//! Runs that must fail: a protection is switched off, and the check has to notice.

use super::clock::Clock;
use super::disk::DiskFaults;
use super::kill::Kill;
use super::network::Network;
use super::postgres::Postgres;
use super::race::Race;
use crate::hall::{Engine, Setting};
use crate::{Error, Outcome, Result};
use std::time::Duration;

/// How it is run.
#[derive(Debug, Clone, clap::Args)]
pub struct Control {
    /// ack-before-commit, no-fence, not-durable, no-replay-check or no-deadline
    pub name: String,
    /// On which engine, where the protection is not one of a single engine
    #[arg(long, value_enum, default_value_t = Engine::Sqlite)]
    pub engine: Engine,
    /// What repeats the run
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many virtual candidates make the load
    #[arg(long, default_value_t = 30)]
    pub users: usize,
}

impl Control {
    /// Runs the scenario that fits; its outcome, and whether the check has noticed what it should.
    ///
    /// # Errors
    /// When the run cannot be made, as with a release build, which refuses to switch anything off.
    pub async fn run(&self) -> Result<(Outcome, bool)> {
        let setting = Setting {
            seed: self.seed,
            users: self.users,
            control: Some(self.name.clone()),
            // Not what is looked at here.
            back_within: 60.0,
            ..Setting::default()
        };
        let lost = |outcome: Outcome| {
            let noticed = outcome.lost > 0;
            (outcome, noticed)
        };
        let found = |outcome: Outcome| {
            let noticed = outcome.finding_count > 0;
            (outcome, noticed)
        };
        let engine = self.engine;
        match (self.name.as_str(), engine) {
            ("ack-before-commit", _) => Kill { engine, cycles: 12, verify_every: 12, setting }.run().await.map(lost),
            ("not-durable", Engine::Sqlite) => {
                DiskFaults { fills: 0, refusals: 1, power_cuts: 4, setting }.run().await.map(lost)
            }
            ("not-durable", Engine::Postgres) => {
                let none = Duration::ZERO;
                Postgres { restarts: 9, outage: none, unheard: none, setting }.run().await.map(lost)
            }
            ("no-fence", _) => {
                let (engine, widened) = (Engine::Postgres, Duration::from_millis(5));
                Race { engine, attempts: 1_000, widened, setting }.run().await.map(found)
            }
            ("no-replay-check", _) => {
                let (duration, rates) = (Duration::ZERO, "0".parse()?);
                Network { engine, duration, rates, setting }.run().await.map(found)
            }
            ("no-deadline", _) => Clock { engine, edges: 200, no_steps: true, setting }.run().await.map(found),
            (name, _) => Err(Error::new(format!("there is no control {name}"))),
        }
    }
}
