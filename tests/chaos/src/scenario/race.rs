//! Saves that race the submit of their attempt, on several connections at once; on PostgreSQL also on two servers at once, whose
//! order nothing but the database decides.

use crate::hall::{EXAM, Engine, FIRST_START, Furnishing, Hall, START, Setting};
use crate::person::{Person, Saved};
use crate::{Chance, Doing, Keeper, Line, Outcome, Result};
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How many connections save at once, one answer each.
const LINES: usize = 4;
/// After how many races each the ledger is held against the database.
const VERIFY_EVERY: u64 = 500;
/// The table that every save writes to.
const TABLE: &str = "answer_operations";

/// How it is run.
#[derive(Debug, Clone, clap::Args)]
pub struct Race {
    /// On which engine
    #[arg(long, value_enum, default_value_t = Engine::Postgres)]
    pub engine: Engine,
    /// How many attempts are handed in while four answers are being saved
    #[arg(long, default_value_t = 2_000)]
    pub attempts: u64,
    /// How long PostgreSQL takes over each statement that saves, so that more submits fall into it
    #[arg(long, default_value = "5ms", value_parser = super::duration)]
    pub widened: Duration,
    #[command(flatten)]
    #[expect(missing_docs, reason = "described by its type")]
    pub setting: Setting,
}

impl Race {
    /// Runs it.
    ///
    /// # Errors
    /// When the run cannot be made.
    pub async fn run(&self) -> Result<Outcome> {
        let mut hall = Hall::open("race", self.engine, &self.setting, Keeper::new()?, Furnishing::default()).await?;
        if let Some(cluster) = &hall.cluster {
            cluster.delay_writes(TABLE, self.widened).await?;
        }
        let mut other = hall.server.second()?;
        let submit_to = if self.engine == Engine::Postgres {
            other.start(START).await?;
            other.address()
        } else {
            hall.server.address()
        };
        let latest = self.widened * 2 + Duration::from_millis(1);
        let users = u64::try_from(hall.tokens().len().max(1)).unwrap_or(1);
        let each = self.attempts.div_ceil(users);
        let mut done = 0;
        while done < each {
            let rounds = (each - done).min(VERIFY_EVERY);
            let (ledger, path) = hall.ledger()?;
            let mut racing = JoinSet::new();
            for (number, token) in (0..).zip(hall.tokens()) {
                let person = Person::new(&hall.server.address(), token, &ledger);
                let racer = Racer { person, submit_to: submit_to.clone(), seed: self.setting.seed, number, latest };
                racing.spawn(racer.race(done..done + rounds));
            }
            while let Some(raced) = racing.join_next().await {
                for (name, count) in raced.doing("racing")?? {
                    if !matches!(name.as_str(), "acknowledged" | "closed") {
                        *hall.outcome.unexpected.entry(name.clone()).or_default() += count;
                        hall.outcome.find(format!("{count} saves were {name}"));
                    }
                    *hall.outcome.counts.entry(format!("saves {name}")).or_default() += count;
                }
            }
            ledger.finish().map_err(crate::Error::new)?;
            hall.check(&path).await?;
            done += rounds;
            hall.outcome.faults.insert("submit raced by saves".into(), done * users);
            hall.say(&format!("{} races", done * users));
        }
        if other.is_running()? {
            other.stop(FIRST_START).await?;
        }
        if !hall.outcome.counts.contains_key("saves closed") {
            hall.outcome.find("no save came after its submit: there was no race");
        }
        hall.close().await
    }
}

/// One person who saves on one server and hands in on another.
struct Racer {
    person: Person,
    submit_to: String,
    seed: u64,
    number: u64,
    latest: Duration,
}

impl Racer {
    /// The races; what became of the saves.
    async fn race(self, rounds: Range<u64>) -> Result<BTreeMap<String, u64>> {
        let person = &self.person;
        let (mut starting, mut submitting) = (person.line(), Line::to(&self.submit_to));
        let mut lines: Vec<Line> = (0..LINES).map(|_| person.line()).collect();
        let mut counts = BTreeMap::new();
        for round in rounds {
            let paper = person.start(&mut starting, EXAM).await?;
            let mut chance = Chance::at(self.seed, 1_000 + self.number, round);
            let wait = (chance.share() < 0.5).then(|| chance.between(Duration::ZERO, self.latest));
            let mut saves = JoinSet::new();
            for ((mut line, seq), (question, response)) in
                std::mem::take(&mut lines).into_iter().zip(1..).zip(&paper.responses)
            {
                let (person, paper, question, response) = (person.clone(), paper.clone(), *question, response.clone());
                saves.spawn(async move {
                    let saved = person.save(&mut line, &paper, seq, question, &response).await;
                    (line, saved)
                });
            }
            // A wait takes a millisecond at least, and the saves have left by then.
            if let Some(wait) = wait {
                sleep(wait).await;
            }
            let state = person.hand_in(&mut submitting, &paper).await;
            if state.as_deref() != Some("submitted") {
                *counts.entry(format!("without a receipt ({state:?})")).or_default() += 1;
            }
            for (line, saved) in saves.join_all().await {
                lines.push(line);
                let name = match saved? {
                    Saved::Acknowledged => "acknowledged".to_owned(),
                    Saved::Rejected(code) | Saved::Unanswered(code) => code,
                };
                *counts.entry(name).or_default() += 1;
            }
            lines.resize_with(LINES, || person.line());
        }
        Ok(counts)
    }
}
