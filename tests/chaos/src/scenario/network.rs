//! A bad network between candidates and the server.

use crate::hall::{EXAM, Engine, Furnishing, Hall, Setting};
use crate::person::{Person, Saved};
use crate::proxy::{Rates, Web};
use crate::{Keeper, Outcome, Result};
use std::time::Duration;
use tokio::time::sleep;

/// How it is run.
#[derive(Debug, Clone, clap::Args)]
pub struct Network {
    /// On which engine
    #[arg(long, value_enum, default_value_t = Engine::Sqlite)]
    pub engine: Engine,
    /// For how long, such as 60s
    #[arg(long, default_value = "60s", value_parser = super::duration)]
    pub duration: Duration,
    /// The share of requests that meets each fault: 0.02 for all, or duplicate=0.1,cut-answer=0.05
    #[arg(long, default_value = "0.02")]
    pub rates: Rates,
    #[command(flatten)]
    #[expect(missing_docs, reason = "described by its type")]
    pub setting: Setting,
}

impl Network {
    /// Runs it.
    ///
    /// # Errors
    /// When the run cannot be made.
    pub async fn run(&self) -> Result<Outcome> {
        let mut hall = Hall::open("network", self.engine, &self.setting, Keeper::new()?, Furnishing::default()).await?;
        contradict(&mut hall).await?;
        let proxy = Web::start(&hall.server.address(), self.setting.seed, self.rates.clone()).await?;
        let load = hall.load(&proxy.address())?;
        sleep(self.duration).await;
        hall.end(load).await?;
        for (name, count) in proxy.counts() {
            hall.outcome.faults.insert(name.to_owned(), count);
        }
        hall.close().await
    }
}

/// The same number with another answer: a client that was restored from a copy, or a request that somebody changed on its
/// way. The first one stands, and the second is told so.
async fn contradict(hall: &mut Hall) -> Result<()> {
    let (ledger, path) = hall.ledger()?;
    let tokens = hall.sign_up("contradicting", 1).await?;
    let person = Person::new(&hall.server.address(), &tokens[0], &ledger);
    let line = &mut person.line();
    let paper = person.start(line, EXAM).await?;
    for (seq, pair) in (1..).zip(paper.responses.chunks_exact(2)) {
        let [(question, response), (other, different)] = pair else { continue };
        let saved = person.save(line, &paper, seq, *question, response).await?;
        let again = person.save_unseen(line, &paper, seq, *question, response).await;
        let contradicted = person.save_unseen(line, &paper, seq, *other, different).await;
        hall.outcome.fault("contradiction");
        if (&saved, &again) != (&Saved::Acknowledged, &Saved::Acknowledged) {
            hall.outcome.find(format!("an answer was {saved:?} and the second time {again:?}"));
        }
        if contradicted != Saved::Rejected("seq_conflict".into()) {
            hall.outcome.find(format!("another answer under a number that was used was {contradicted:?}"));
        }
    }
    person.hand_in(line, &paper).await;
    ledger.finish().map_err(crate::Error::new)?;
    hall.check(&path).await
}
